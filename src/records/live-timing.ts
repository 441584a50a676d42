import type { HeardPiece } from '../call/playback/playback.ts';
import type { CallEvent } from '../events/call-events.ts';
import { LookInterval } from './look-interval.ts';
import type { ReconstructedTurn } from './reconstructed-call.ts';
import { TimingFold } from './reconstruction/timing-fold.ts';

/** Responses that may belong to the latest turn: its texts, its drafts, and its reply. */
const MOST_ANSWERS = 20;
/** A timing that has not changed for this long is final: the bounds of when the reply was heard have been narrowed. */
const SETTLED_MS = 15_000;
const NO_AUDIO = new Uint8Array();

type EventOf<Kind extends CallEvent['kind']> = Extract<CallEvent, { kind: Kind }>;

/** The caller's latest turn and what followed it. */
interface LatestTurn {
  turn: ReconstructedTurn;
  readonly utterance: EventOf<'utterance'>;
  piece?: EventOf<'piece'>;
  sent?: EventOf<'sent'>;
  publishedJson?: string;
  readonly looks: LookInterval;
}

/** The times from the caller's latest words to the reply, while a call lasts. */
export class LiveTiming {
  readonly #answers: EventOf<'answer'>[] = [];
  #stream: EventOf<'stream'> | undefined;
  #latest: LatestTurn | undefined;

  take(event: CallEvent): void {
    const latest = this.#latest;
    switch (event.kind) {
      case 'stream':
        this.#stream = event;
        break;
      case 'answer':
        this.#answers.push(event);
        if (this.#answers.length > MOST_ANSWERS) this.#answers.shift();
        break;
      case 'utterance':
        if (!event.operator)
          this.#latest = { turn: turnOf(event), utterance: event, looks: new LookInterval(event.atMs) };
        break;
      case 'text':
        if (latest?.turn.turn === event.turn) latest.turn = { ...latest.turn, text: event.text };
        break;
      case 'piece':
        if (latest && event.role === 'reply') latest.piece ??= event;
        break;
      case 'sent':
        if (!latest || latest.sent || latest.piece?.piece !== event.piece) break;
        // Only when it was sent matters: the audio would be kept until the next turn.
        latest.sent = {
          kind: 'sent',
          atMs: event.atMs,
          piece: event.piece,
          samples: event.samples,
          mulaw: NO_AUDIO,
        };
        latest.looks.changed(event.atMs);
        break;
      default:
        break;
    }
  }

  /** Whether nothing changes before the next event. */
  isSettled(atMs: number): boolean {
    const latest = this.#latest;
    if (!latest?.piece || !latest.sent) return true;
    return latest.publishedJson !== undefined && latest.looks.quietMs(atMs) > SETTLED_MS;
  }

  /** The latest turn with its timing, if a part of the reply was heard and the timing has changed. `heard`: what was heard of a piece. */
  changed(heard: (piece: number) => HeardPiece | undefined, atMs: number): ReconstructedTurn | undefined {
    const latest = this.#latest;
    if (!latest?.piece || !latest.sent || !this.#stream || !latest.looks.looks(atMs)) return undefined;
    const { piece } = latest.piece;
    const startMs = heard(piece)?.startMs;
    if (startMs === undefined) return undefined;
    const fold = new TimingFold();
    for (const event of [this.#stream, ...this.#answers, latest.utterance, latest.piece, latest.sent])
      fold.take(event);
    const { turn } = latest;
    const timed = { ...turn, timing: fold.timings([turn], [{ piece, startMs }]).get(turn.turn) };
    const json = JSON.stringify(timed);
    if (json === latest.publishedJson) return undefined;
    latest.publishedJson = json;
    latest.looks.changed(atMs);
    return timed;
  }
}

function turnOf({ turn, startMs, endMs, asked }: EventOf<'utterance'>): ReconstructedTurn {
  return { turn, startMs, endMs, asked, transcriptUnavailable: false };
}
