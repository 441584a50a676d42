import { callerAddress } from '../events/withheld-number.ts';
import type { AudioFormat } from '../audio/formats/formats.ts';
import type { CallEvent } from '../events/call-events.ts';
import { bargeInLatencies, replyLatencies, replyStepsOf } from './latency-metrics.ts';
import type { ReconstructedCall, ReconstructedPiece, ReconstructedTurn } from './reconstructed-call.ts';
import { FiguresFold } from './reconstruction/figures-fold.ts';
import { LineFold } from './reconstruction/line-fold.ts';
import { TalkFold } from './reconstruction/talk-fold.ts';
import { TimingFold } from './reconstruction/timing-fold.ts';

/** Reconstructs a call from its events. Undefined if they do not begin with a call. Audio is not read. */
export function reconstructCall(events: Iterable<CallEvent>): ReconstructedCall | undefined {
  const fold = new CallFold();
  for (const event of events) fold.take(event);
  return fold.result();
}

/** PRE_ROLL_MS of calls whose journals do not contain it. */
const USUAL_PRE_ROLL_MS = 300;

/** Journals of earlier versions may lack any of it. */
function preRollOf(settings: { readonly turns?: { readonly preRollMs?: number } } | undefined): number {
  return settings?.turns?.preRollMs ?? USUAL_PRE_ROLL_MS;
}

/** Folds the events of a call: its identity and end here, line, talk and figures in folds of their own. */
class CallFold {
  readonly #talk = new TalkFold();
  readonly #line = new LineFold(this.#talk);
  readonly #figures = new FiguresFold();
  readonly #timing = new TimingFold();
  #ringing: Extract<CallEvent, { kind: 'ringing' }> | undefined;
  #format: AudioFormat = 'mp3';
  #end: Extract<CallEvent, { kind: 'end' }> | undefined;
  #moved = false;
  /** The last event up to the end. */
  #lastAtMs = 0;

  take(event: CallEvent): void {
    if (!this.#end) this.#lastAtMs = event.atMs;
    if (event.kind === 'ringing') this.#ringing ??= event;
    if (event.kind === 'ringing' || event.kind === 'format') this.#format = event.format;
    if (event.kind === 'end') this.#end = event;
    if (event.kind === 'stream' || event.kind === 'stream-end')
      this.#moved = event.kind === 'stream-end' && event.reason === 'moved';
    this.#line.take(event);
    this.#talk.take(event);
    this.#figures.take(event);
    this.#timing.take(event);
  }

  result(): ReconstructedCall | undefined {
    const ringing = this.#ringing;
    if (!ringing) return undefined;
    this.#line.endStream();
    const { streams, zeroAtMs, endedAtMs } = this.#line;
    const last = streams.at(-1);
    const pieces = this.#line.pieces.sort((a, b) => a.piece - b.piece);
    const { keys, unsaid, summary, cut } = this.#talk;
    const turns = [...this.#talk.turns.values()];
    const timings = this.#timing.timings(turns, pieces);
    return {
      callSid: ringing.callSid,
      from: callerAddress(ringing.from),
      to: ringing.to,
      recorded: ringing.recorded,
      preRollMs: preRollOf(ringing.settings),
      format: this.#format,
      startedAtMs: ringing.atMs,
      endedAtMs: endedAtMs ?? this.#end?.atMs ?? this.#lastAtMs,
      endReason: this.#end?.reason,
      moved: this.#moved,
      zeroAtMs,
      lengthMs: last ? last.startMs + last.lengthMs : 0,
      streams,
      pieces,
      turns: turns
        .map((turn) => ({ ...asHeard(turn, pieces), timing: timings.get(turn.turn) }))
        .sort((a, b) => a.startMs - b.startMs),
      keys,
      unsaid,
      summary,
      figures: {
        ...this.#figures.figures,
        answerMs: replyLatencies(turns, pieces),
        bargeInMs: bargeInLatencies(turns, pieces, cut),
        replySteps: replyStepsOf(timings.values()),
      },
    };
  }
}

/** An operator's turn is placed where its piece was heard. A turn that was not heard has no length. */
function asHeard(turn: ReconstructedTurn, pieces: readonly ReconstructedPiece[]): ReconstructedTurn {
  const { operator } = turn;
  const piece = operator && pieces.find((one) => one.piece === operator.piece);
  if (!operator || piece?.startMs === undefined || piece.endMs === undefined) return turn;
  const startMs = Math.min(piece.endMs, piece.startMs + operator.fromMs);
  return { ...turn, startMs, endMs: Math.max(startMs, Math.min(piece.endMs, piece.startMs + operator.toMs)) };
}
