import { type HeardPiece, Playback } from '../../call/playback/playback.ts';
import type { StreamClock } from '../../call/playback/stream-clock.ts';
import type { CallEvent } from '../../events/call-events.ts';
import type { ReconstructedPiece, ReconstructedStream } from '../reconstructed-call.ts';
import type { PieceStart, TalkFold } from './talk-fold.ts';

/** Events that show that the line existed. */
const LINE_EVENTS: ReadonlySet<CallEvent['kind']> = new Set([
  'stream',
  'caller',
  'sent',
  'mark-sent',
  'mark-back',
  'clear',
  'key',
]);

/** The media streams of a call and what was heard in them. */
export class LineFold {
  readonly streams: ReconstructedStream[] = [];
  readonly pieces: ReconstructedPiece[] = [];
  readonly #talk: TalkFold;
  /** Our clock at call time 0. */
  zeroAtMs: number | undefined;
  /** When the last stream ended. */
  endedAtMs: number | undefined;
  #stream: { event: Extract<CallEvent, { kind: 'stream' }>; playback: Playback } | undefined;
  /** The last event that shows that the line existed. */
  #lastAtMs = 0;
  /** Our clock at call time 0, as the last stream showed it. */
  #zeroSeenMs: number | undefined;

  constructor(talk: TalkFold) {
    this.#talk = talk;
  }

  take(event: CallEvent): void {
    const playback = this.#stream?.playback;
    switch (event.kind) {
      case 'stream':
        this.endStream();
        this.zeroAtMs ??= event.atMs;
        this.#stream = { event, playback: new Playback(event.atMs, { keepAll: true }) };
        break;
      case 'caller':
        playback?.frame(event.streamMs, event.samples, event.atMs);
        break;
      case 'sent':
        playback?.sent(event.piece, event.samples, event.atMs);
        break;
      case 'mark-sent':
        playback?.markSent(event.name, event.atMs);
        break;
      case 'mark-back':
        playback?.markReturned(event.name, event.atMs);
        break;
      case 'clear':
        playback?.cleared(event.fence, event.atMs);
        break;
      case 'stream-end':
        this.endStream(event.atMs);
        break;
      case 'end':
        this.endStream();
        break;
      default:
        break;
    }
    if (LINE_EVENTS.has(event.kind)) this.#lastAtMs = event.atMs;
  }

  /** Without a time: a crash cut the stream off, so it ended with its last event. */
  endStream(atMs = this.#lastAtMs): void {
    const stream = this.#stream;
    if (!stream) return;
    this.#stream = undefined;
    this.endedAtMs = atMs;
    const { playback, event } = stream;
    const lengthMs = playback.ended(atMs);
    const startMs = this.#join(event.startMs, playback.clock);
    this.streams.push({ streamSid: event.streamSid, startMs, lengthMs, runs: playback.runs(atMs) });
    for (const piece of this.#talk.endStream())
      this.pieces.push(pieceAt(startMs, piece, playback.heard(piece.event.piece, atMs)));
  }

  /**
   * Where in the call a stream began. During the call this is known only by the arrival of `start`; here it follows from
   * the least delay of its frames and of the frames of the stream before. Events dated during the call move with it.
   */
  #join(liveMs: number, clock: StreamClock): number {
    const before = this.streams.at(-1);
    let startMs = liveMs;
    if (before && this.#zeroSeenMs !== undefined)
      startMs = Math.max(before.startMs + before.lengthMs, clock.beganAtMs - this.#zeroSeenMs);
    this.#zeroSeenMs = clock.zeroAtMs - startMs;
    this.#talk.shift(startMs - liveMs);
    return startMs;
  }
}

/** A piece in call time. */
function pieceAt(
  startMs: number,
  { event, complete, samples, anchors }: PieceStart,
  heard: HeardPiece,
): ReconstructedPiece {
  const { piece, reply, speaker, role, text, continues } = event;
  const { startMs: fromMs, endMs: toMs } = heard;
  const isHeard = fromMs !== undefined && toMs !== undefined;
  const placed = isHeard ? { ...heard, startMs: startMs + fromMs, endMs: startMs + toMs } : heard;
  return { ...placed, piece, reply, speaker, role, text, samples, anchors, continues, complete };
}
