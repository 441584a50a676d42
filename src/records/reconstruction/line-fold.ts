import type { Run } from '../../call/playback/playback-runs.ts';
import { type HeardPiece, Playback } from '../../call/playback/playback.ts';
import type { StreamClock } from '../../call/playback/stream-clock.ts';
import type { CallEvent } from '../../events/call-events.ts';
import type { ReconstructedPiece, ReconstructedStream } from '../reconstructed-call.ts';
import type { PlacedStream } from '../recording/audio-timeline.ts';
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

interface OpenStream {
  readonly event: Extract<CallEvent, { kind: 'stream' }>;
  readonly playback: Playback;
  /** Taken from the playback when they were settled. */
  readonly runs: Run[];
}

/** The media streams of a call and what was heard in them. */
export class LineFold {
  readonly streams: ReconstructedStream[] = [];
  readonly pieces: ReconstructedPiece[] = [];
  readonly #talk: TalkFold;
  /** Our clock at call time 0. */
  zeroAtMs: number | undefined;
  /** When the last stream ended. */
  endedAtMs: number | undefined;
  #stream: OpenStream | undefined;
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
        this.#stream = { event, playback: new Playback(event.atMs, { keepAll: true }), runs: [] };
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

  /**
   * What no later event changes: the ended streams, and the settled audio of the current one. Forgets what was heard of the
   * pieces in it.
   */
  settled(): PlacedStream[] {
    const stream = this.#stream;
    const startMs = stream && this.#settledStart(stream);
    if (!stream || startMs === undefined) return this.streams;
    const { playback, runs } = stream;
    const { settledTo } = playback;
    runs.push(...playback.runs(this.#lastAtMs, { from: 0, to: settledTo }));
    playback.forgetSettled();
    return [...this.streams, { startMs, runs, settledTo }];
  }

  /** Without a time: a crash cut the stream off, so it ended with its last event. */
  endStream(atMs = this.#lastAtMs): void {
    const stream = this.#stream;
    if (!stream) return;
    this.#stream = undefined;
    this.endedAtMs = atMs;
    const { playback, event, runs } = stream;
    const lengthMs = playback.ended(atMs);
    const startMs = this.#join(event.startMs, playback.clock);
    this.streams.push({
      streamSid: event.streamSid,
      startMs,
      lengthMs,
      runs: [...runs, ...playback.runs(atMs)],
    });
    for (const piece of this.#talk.endStream())
      this.pieces.push(pieceAt(startMs, piece, playback.heard(piece.event.piece, atMs)));
  }

  /**
   * Where in the call a stream began. During the call this is known only by the arrival of `start`; here it follows from
   * the least delay of its frames and of the frames of the stream before. Events dated during the call move with it.
   */
  #join(liveMs: number, clock: StreamClock): number {
    const startMs = this.#startOf(liveMs, clock);
    this.#zeroSeenMs = clock.zeroAtMs - startMs;
    this.#talk.shift(startMs - liveMs);
    return startMs;
  }

  #startOf(liveMs: number, clock: StreamClock): number {
    const before = this.streams.at(-1);
    if (!before || this.#zeroSeenMs === undefined) return liveMs;
    return Math.max(before.startMs + before.lengthMs, clock.beganAtMs - this.#zeroSeenMs);
  }

  /** Undefined if a later frame may change it. */
  #settledStart({ event, playback: { clock } }: OpenStream): number | undefined {
    if (this.streams.length > 0 && !clock.beginningIsSettled) return undefined;
    return this.#startOf(event.startMs, clock);
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
