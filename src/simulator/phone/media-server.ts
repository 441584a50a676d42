import { TELEPHONE_HZ } from '../../audio/telephone.ts';
import type { Ambience, CallerFeedOptions, CallerFrame } from './caller-feed.ts';
import { CallerFeed } from './caller-feed.ts';
import type { StreamWarning } from './media-messages.ts';
import { readFromApplication } from './media-messages.ts';
import { BYTES_PER_MS } from './mulaw-track.ts';
import { type Playout, PlayoutQueue } from './playout-queue.ts';

/** The identity of the stream, as sent in `start`. */
export interface StreamNames {
  readonly streamSid: string;
  readonly callSid: string;
  readonly accountSid: string;
  readonly customParameters: Readonly<Record<string, string>>;
}

export interface MediaServerOptions extends CallerFeedOptions, StreamNames {
  /** Every nth frame is sent twice. */
  readonly duplicateEvery?: number;
  /** Every nth frame is swapped with the next one. */
  readonly swapEvery?: number;
  /** Marks return this much later than they are reached (default 0). */
  readonly markLateMs?: number;
  readonly ambience?: Ambience;
}

/** A message from Twilio and the stream time at which it is sent. */
export interface TimedText {
  readonly atMs: number;
  readonly text: string;
}

export interface WarningSeen {
  readonly code: StreamWarning;
  readonly atMs: number;
  readonly reason: string;
}

/** Twilio's end of one stream, as driven by a simulated phone; see MediaServer for the methods. */
export interface StreamSide {
  readonly playout: Playout;
  readonly warnings: readonly WarningSeen[];
  readonly stopped: boolean;
  advance(toMs: number): TimedText[];
  receive(frame: string | Uint8Array, atMs: number): TimedText[];
  callerSpeaks(mulaw: Uint8Array, atMs: number): number;
  press(digit: string, atMs: number): TimedText[];
  stop(atMs: number): TimedText[];
  breakOff(atMs: number): TimedText[];
  playedAssistant(): Uint8Array;
  callerTrack(): Uint8Array;
}

/**
 * Twilio's media server for one stream, without clock and socket: the caller passes the stream time. Times are
 * milliseconds of stream time and may be fractions; a time before the previous one counts as the previous one.
 */
export class MediaServer implements StreamSide {
  readonly warnings: WarningSeen[] = [];
  readonly #options: MediaServerOptions;
  readonly #queue: PlayoutQueue;
  readonly #feed: CallerFeed;
  readonly #out: TimedText[] = [];
  #nowMs = 0;
  #state: 'new' | 'open' | 'stopped' = 'new';
  #sequenceNumber = 0;
  #chunk = 0;
  #frames = 0;
  #held: object | undefined;

  constructor(options: MediaServerOptions) {
    this.#options = options;
    this.#queue = new PlayoutQueue(options.markLateMs);
    this.#feed = new CallerFeed(options, options.ambience);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get stopped(): boolean {
    return this.#state === 'stopped';
  }

  /** The messages that Twilio sends up to and including `toMs`, in order of time. */
  advance(toMs: number): TimedText[] {
    if (this.#state === 'new') this.#open();
    if (this.#state === 'stopped') return this.#out.splice(0);
    while (this.#state === 'open') {
      const frameMs = this.#feed.nextFrameMs;
      const markMs = this.#queue.nextMarkMs;
      if (Math.min(frameMs, markMs) > toMs) break;
      this.#nowMs = Math.max(this.#nowMs, Math.min(frameMs, markMs));
      if (frameMs <= markMs) this.#frame();
      else this.#mark(this.#queue.takeMark());
    }
    this.#nowMs = Math.max(this.#nowMs, toMs);
    return this.#out.splice(0);
  }

  /** Receives a frame from the application: a string for a text frame, bytes for a binary one. */
  receive(frame: string | Uint8Array, atMs: number): TimedText[] {
    const before = this.advance(atMs);
    if (this.#state === 'stopped') return before;
    const message = readFromApplication(frame, this.#options.streamSid);
    if (message.kind === 'refused') this.#warn(message.warning, message.reason);
    if (message.kind === 'mark') this.#queue.mark(message.name, this.#nowMs);
    if (message.kind === 'clear') for (const name of this.#queue.clear(this.#nowMs)) this.#mark(name);
    if (message.kind === 'media' && !this.#queue.append(message.mulaw, this.#nowMs)) {
      this.#warn(31931, 'more than ten minutes of audio are queued');
    }
    return [...before, ...this.advance(this.#nowMs)];
  }

  /** The caller speaks; see CallerFeed.speak. */
  callerSpeaks(mulaw: Uint8Array, atMs: number): number {
    return this.#feed.speak(mulaw, atMs);
  }

  lose(fromMs: number, toMs: number): void {
    this.#feed.lose(fromMs, toMs);
  }

  press(digit: string, atMs: number): TimedText[] {
    const before = this.advance(atMs);
    if (this.#state === 'open') this.#send('dtmf', { dtmf: { track: 'inbound_track', digit } });
    return [...before, ...this.#out.splice(0)];
  }

  /** Ends the call: `stop` is the last message. Pending marks are not returned. */
  stop(atMs: number): TimedText[] {
    const before = this.advance(atMs);
    if (this.#state === 'open') {
      if (this.#held) this.#send('media', this.#held);
      const { accountSid, callSid } = this.#options;
      this.#send('stop', { stop: { accountSid, callSid } });
    }
    return [...before, ...this.breakOff(this.#nowMs)];
  }

  /** The connection breaks: messages that are due are sent, then nothing more. */
  breakOff(atMs: number): TimedText[] {
    const before = this.advance(atMs);
    this.#state = 'stopped';
    return before;
  }

  /** The audio played to the caller so far: μ-law from stream time 0, sample exact. */
  playedAssistant(): Uint8Array {
    return this.#queue.heard(0, this.#lengthSamples());
  }

  /** The audio sent by the caller so far: μ-law from stream time 0, sample exact; lost frames are silence. */
  callerTrack(): Uint8Array {
    return this.#feed.carried(this.#lengthSamples());
  }

  get playout(): Playout {
    return this.#queue;
  }

  #lengthSamples(): number {
    return Math.floor(this.#nowMs * BYTES_PER_MS + 1e-6);
  }

  #open(): void {
    const { streamSid, accountSid, callSid, customParameters } = this.#options;
    this.#state = 'open';
    this.#push({ event: 'connected', protocol: 'Call', version: '1.0.0' });
    const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: TELEPHONE_HZ, channels: 1 };
    const start = { accountSid, streamSid, callSid, tracks: ['inbound'], mediaFormat, customParameters };
    this.#send('start', { start });
  }

  #frame(): void {
    const frame = this.#feed.takeFrame((from, samples) => this.#queue.heard(from, samples));
    if (!frame) return;
    const message = this.#mediaOf(frame);
    const { duplicateEvery, swapEvery } = this.#options;
    this.#frames++;
    if (swapEvery && !this.#held && this.#frames % swapEvery === 0) {
      this.#held = message;
      return;
    }
    this.#send('media', message);
    if (duplicateEvery && this.#frames % duplicateEvery === 0) this.#send('media', message);
    const held = this.#held;
    this.#held = undefined;
    if (held) this.#send('media', held);
  }

  #mediaOf(frame: CallerFrame): object {
    this.#chunk++;
    const payload = Buffer.from(frame.mulaw).toString('base64');
    const timestamp = String(frame.timestampMs);
    return { media: { track: 'inbound', chunk: String(this.#chunk), timestamp, payload } };
  }

  #mark(name: string): void {
    this.#send('mark', { mark: { name } });
  }

  #send(event: string, content: object): void {
    this.#sequenceNumber++;
    const sequenceNumber = String(this.#sequenceNumber);
    this.#push({ event, sequenceNumber, streamSid: this.#options.streamSid, ...content });
  }

  #push(message: object): void {
    this.#out.push({ atMs: this.#nowMs, text: JSON.stringify(message) });
  }

  #warn(code: StreamWarning, reason: string): void {
    this.warnings.push({ code, atMs: this.#nowMs, reason });
  }
}
