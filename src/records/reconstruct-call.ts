import type { AudioFormat } from '../audio/formats/formats.ts';
import { Playback } from '../call/playback/playback.ts';
import type { StreamClock } from '../call/playback/stream-clock.ts';
import type { CallEvent } from '../events/call-events.ts';
import { bargeInLatencies, replyLatencies } from './latency-metrics.ts';
import type {
  CallFigures,
  ReconstructedCall,
  ReconstructedPiece,
  ReconstructedStream,
  ReconstructedTurn,
} from './reconstructed-call.ts';

interface PieceStart {
  readonly event: Extract<CallEvent, { kind: 'piece' }>;
  complete: boolean;
}

/** Reads a call from its events; gives undefined where they do not begin with a call. Sound is not looked at. */
export function reconstructCall(events: Iterable<CallEvent>): ReconstructedCall | undefined {
  const reader = new CallReader();
  for (const event of events) reader.take(event);
  return reader.result();
}

/** What shows that the line is there, or that we took it to be. */
const LINE_EVENTS: ReadonlySet<CallEvent['kind']> = new Set([
  'stream',
  'caller',
  'sent',
  'mark-sent',
  'mark-back',
  'clear',
  'key',
]);

/** PRE_ROLL_MS of calls whose journals do not hold it. */
const USUAL_PRE_ROLL_MS = 300;

/** Journals of earlier versions may lack any of it. */
function preRollOf(settings: { readonly turns?: { readonly preRollMs?: number } } | undefined): number {
  return settings?.turns?.preRollMs ?? USUAL_PRE_ROLL_MS;
}

class CallReader {
  #ringing: Extract<CallEvent, { kind: 'ringing' }> | undefined;
  #format: AudioFormat = 'mp3';
  #endReason: string | undefined;
  #endedAtMs = 0;
  #lastAtMs = 0;
  /** The last sign of the line, and when its last stream ended. */
  #lastLineAtMs = 0;
  #lineEndedAtMs: number | undefined;
  #summary: ReconstructedCall['summary'];
  #zeroAtMs: number | undefined;
  #stream: { event: Extract<CallEvent, { kind: 'stream' }>; playback: Playback } | undefined;
  /** Our clock at call time 0, by what the last stream showed of it. */
  #zeroSeenMs: number | undefined;
  #turnsOfStream: number[] = [];
  #keysOfStream = 0;
  #pieceStarts = new Map<number, PieceStart>();
  #frameEndMs = 0;
  readonly #streams: ReconstructedStream[] = [];
  readonly #pieces: ReconstructedPiece[] = [];
  readonly #turns = new Map<number, ReconstructedTurn>();
  readonly #keys: { atMs: number; digit: string }[] = [];
  readonly #unsaid = new Map<number, string>();
  /** Replies that were being spoken when what was sent was cleared. */
  readonly #cut = new Set<number>();
  readonly #figures: CallFigures = {
    framesReceived: 0,
    framesLate: 0,
    gapsMs: 0,
    longestGapMs: 0,
    interruptions: 0,
    marksSent: 0,
    marksReturned: 0,
    oddities: 0,
    answerMs: [],
    bargeInMs: [],
  };

  take(event: CallEvent): void {
    if (this.#endReason === undefined) this.#lastAtMs = event.atMs;
    this.#takeLine(event);
    if (LINE_EVENTS.has(event.kind)) this.#lastLineAtMs = event.atMs;
    this.#takeTalk(event);
  }

  result(): ReconstructedCall | undefined {
    const ringing = this.#ringing;
    if (!ringing) return undefined;
    this.#endStream(this.#lastLineAtMs);
    const last = this.#streams.at(-1);
    this.#pieces.sort((a, b) => a.piece - b.piece);
    const turns = [...this.#turns.values()];
    this.#figures.answerMs = replyLatencies(turns, this.#pieces);
    this.#figures.bargeInMs = bargeInLatencies(turns, this.#pieces, this.#cut);
    return {
      callSid: ringing.callSid,
      from: ringing.from,
      to: ringing.to,
      recorded: ringing.recorded,
      preRollMs: preRollOf(ringing.settings),
      format: this.#format,
      startedAtMs: ringing.atMs,
      endedAtMs: this.#lineEndedAtMs ?? (this.#endReason === undefined ? this.#lastAtMs : this.#endedAtMs),
      endReason: this.#endReason,
      zeroAtMs: this.#zeroAtMs,
      lengthMs: last ? last.startMs + last.lengthMs : 0,
      streams: this.#streams,
      pieces: this.#pieces,
      turns: turns.map((turn) => asHeard(turn, this.#pieces)).sort((a, b) => a.startMs - b.startMs),
      keys: this.#keys,
      unsaid: this.#unsaid,
      summary: this.#summary,
      figures: this.#figures,
    };
  }

  #takeLine(event: CallEvent): void {
    const playback = this.#stream?.playback;
    switch (event.kind) {
      case 'ringing':
        this.#ringing ??= event;
        this.#format = event.format;
        break;
      case 'stream':
        this.#endStream(this.#lastLineAtMs);
        this.#zeroAtMs ??= event.atMs;
        this.#stream = { event, playback: new Playback(event.atMs, { keepAll: true }) };
        this.#frameEndMs = 0;
        break;
      case 'caller':
        this.#countFrame(event);
        playback?.frame(event.streamMs, event.samples, event.atMs);
        break;
      case 'sent':
        playback?.sent(event.piece, event.samples, event.atMs);
        break;
      case 'mark-sent':
        this.#figures.marksSent += 1;
        playback?.markSent(event.name, event.atMs);
        break;
      case 'mark-back':
        this.#figures.marksReturned += 1;
        playback?.markReturned(event.name, event.atMs);
        break;
      case 'clear':
        this.#figures.interruptions += 1;
        this.#cutReply();
        playback?.cleared(event.fence, event.atMs);
        break;
      case 'stream-end':
        this.#endStream(event.atMs);
        break;
      case 'end':
        // A stream that is still open was cut off by a crash: it ended with the last thing that came.
        this.#endStream(this.#lastLineAtMs);
        this.#endReason = event.reason;
        this.#endedAtMs = event.atMs;
        break;
      case 'format':
        this.#format = event.format;
        break;
      default:
        break;
    }
  }

  #takeTalk(event: CallEvent): void {
    switch (event.kind) {
      case 'piece':
        this.#pieceStarts.set(event.piece, { event, complete: false });
        break;
      case 'piece-complete': {
        const start = this.#pieceStarts.get(event.piece);
        if (start) start.complete = true;
        break;
      }
      case 'unsaid':
        this.#unsaid.set(event.reply, event.text);
        break;
      case 'key':
        this.#keys.push({ atMs: event.callMs, digit: event.digit });
        break;
      case 'utterance': {
        const { turn, startMs, endMs, asked, operator } = event;
        this.#turns.set(turn, { turn, startMs, endMs, asked, ...(operator && { operator }), given: false });
        this.#turnsOfStream.push(turn);
        break;
      }
      case 'text': {
        const turn = this.#turns.get(event.turn);
        if (turn) turn.text = event.text;
        break;
      }
      case 'no-text': {
        const turn = this.#turns.get(event.turn);
        if (turn && event.final) turn.given = true;
        break;
      }
      case 'summary':
        this.#summary = { text: event.text, by: event.by };
        break;
      case 'oddity':
        this.#figures.oddities += 1;
        break;
      default:
        break;
    }
  }

  #cutReply(): void {
    const last = [...this.#pieceStarts.values()].at(-1)?.event;
    if (last && last.role !== 'operator') this.#cut.add(last.reply);
  }

  #endStream(atMs: number): void {
    const stream = this.#stream;
    if (!stream) return;
    this.#stream = undefined;
    this.#lineEndedAtMs = atMs;
    const { playback, event } = stream;
    const lengthMs = playback.ended(atMs);
    const startMs = this.#joined(event.startMs, playback.clock);
    this.#streams.push({ streamSid: event.streamSid, startMs, lengthMs, runs: playback.runs(atMs) });
    for (const { event: piece, complete } of this.#pieceStarts.values()) {
      const heard = playback.heard(piece.piece, atMs);
      this.#pieces.push({
        ...heard,
        ...(heard.startMs !== undefined && { startMs: startMs + heard.startMs }),
        ...(heard.endMs !== undefined && { endMs: startMs + heard.endMs }),
        piece: piece.piece,
        reply: piece.reply,
        speaker: piece.speaker,
        role: piece.role,
        text: piece.text,
        complete,
      });
    }
    this.#pieceStarts = new Map();
  }

  /**
   * Where in the call a stream began, which live is known by the arrival of its `start` alone: by the least delay of its
   * frames and of those of the stream before. What was dated live moves with it.
   */
  #joined(liveMs: number, clock: StreamClock): number {
    const before = this.#streams.at(-1);
    let startMs = liveMs;
    if (before && this.#zeroSeenMs !== undefined)
      startMs = Math.max(before.startMs + before.lengthMs, clock.beganAtMs - this.#zeroSeenMs);
    this.#zeroSeenMs = clock.zeroAtMs - startMs;
    const laterMs = startMs - liveMs;
    for (const id of this.#turnsOfStream) {
      const turn = this.#turns.get(id)!;
      this.#turns.set(id, { ...turn, startMs: turn.startMs + laterMs, endMs: turn.endMs + laterMs });
    }
    for (let i = this.#keysOfStream; i < this.#keys.length; i += 1)
      this.#keys[i] = { ...this.#keys[i]!, atMs: this.#keys[i]!.atMs + laterMs };
    this.#turnsOfStream = [];
    this.#keysOfStream = this.#keys.length;
    return startMs;
  }

  #countFrame(event: Extract<CallEvent, { kind: 'caller' }>): void {
    this.#figures.framesReceived += 1;
    const gapMs = event.streamMs - this.#frameEndMs;
    if (gapMs < -1) this.#figures.framesLate += 1;
    if (gapMs > 1) {
      this.#figures.gapsMs += gapMs;
      this.#figures.longestGapMs = Math.max(this.#figures.longestGapMs, gapMs);
    }
    this.#frameEndMs = Math.max(this.#frameEndMs, event.streamMs + event.samples / 8);
  }
}

/** What an operator said lies where its piece was heard; what was not heard has no length. */
function asHeard(turn: ReconstructedTurn, pieces: readonly ReconstructedPiece[]): ReconstructedTurn {
  const { operator } = turn;
  const piece = operator && pieces.find((one) => one.piece === operator.piece);
  if (!operator || piece?.startMs === undefined || piece.endMs === undefined) return turn;
  const startMs = Math.min(piece.endMs, piece.startMs + operator.fromMs);
  return { ...turn, startMs, endMs: Math.max(startMs, Math.min(piece.endMs, piece.startMs + operator.toMs)) };
}
