import { isRecord } from './json-object.ts';
import { readFromApplication } from './media-messages.ts';
import type { StreamNames, StreamSide, TimedText, WarningSeen } from './media-server.ts';
import { BYTES_PER_MS, MulawTrack } from './mulaw-track.ts';
import { PlayoutQueue, type Playout } from './playout-queue.ts';

/** A message of a recorded stream, in time since its `start`. */
export interface RecordedMessage {
  readonly atMs: number;
  readonly message: Readonly<Record<string, unknown>>;
}

/** A timestamp further on than this cannot be placed; four hours is the longest call that Twilio carries by default. */
const LONGEST_MS = 4 * 3_600_000;

/**
 * Twilio's media server for a stream that was recorded: it sends the recorded frames, keys and `stop` again, as they
 * came; playing and marks are new, since the application may answer differently this time.
 */
export class RecordedMediaServer implements StreamSide {
  readonly warnings: WarningSeen[] = [];
  readonly #names: StreamNames;
  readonly #recorded: RecordedMessage[];
  readonly #queue = new PlayoutQueue();
  readonly #caller = new MulawTrack();
  readonly #out: TimedText[] = [];
  #nowMs = 0;
  #state: 'new' | 'open' | 'stopped' = 'new';
  #sequenceNumber = 0;

  /** `recorded`: what Twilio sent after `start`, in the order of time. Marks among it are left out. */
  constructor(names: StreamNames, recorded: readonly RecordedMessage[]) {
    this.#names = names;
    this.#recorded = recorded.filter(({ message }) => {
      return !['connected', 'start', 'mark'].includes(String(message['event']));
    });
  }

  get stopped(): boolean {
    return this.#state === 'stopped';
  }

  advance(toMs: number): TimedText[] {
    if (this.#state === 'new') this.#open();
    while (this.#state === 'open') {
      const next = this.#recorded[0];
      const nextMs = next?.atMs ?? Infinity;
      // On the real socket a mark came behind every frame of an earlier timestamp, however late that frame was.
      const markMs = next && timestampOf(next) <= this.#queue.nextMarkMs ? Infinity : this.#queue.nextMarkMs;
      if (Math.min(nextMs, markMs) > toMs) break;
      this.#nowMs = Math.max(this.#nowMs, Math.min(nextMs, markMs));
      if (next && nextMs <= markMs) this.#resend(next);
      else this.#mark(this.#queue.takeMark());
    }
    if (this.#state === 'open') this.#nowMs = Math.max(this.#nowMs, toMs);
    return this.#out.splice(0);
  }

  receive(frame: string | Uint8Array, atMs: number): TimedText[] {
    const before = this.advance(atMs);
    if (this.#state === 'stopped') return before;
    const message = readFromApplication(frame, this.#names.streamSid);
    if (message.kind === 'refused') {
      this.warnings.push({ code: message.warning, atMs: this.#nowMs, reason: message.reason });
    }
    if (message.kind === 'mark') this.#queue.mark(message.name, this.#nowMs);
    if (message.kind === 'clear') for (const name of this.#queue.clear(this.#nowMs)) this.#mark(name);
    if (message.kind === 'media' && !this.#queue.append(message.mulaw, this.#nowMs)) {
      this.warnings.push({
        code: 31931,
        atMs: this.#nowMs,
        reason: 'more than ten minutes of audio are waiting',
      });
    }
    return [...before, ...this.advance(this.#nowMs)];
  }

  /** A recorded caller says nothing new. */
  callerSpeaks(): number {
    throw new Error('a recorded caller cannot be told to speak');
  }

  press(): TimedText[] {
    throw new Error('a recorded caller cannot be told to press a key');
  }

  stop(atMs: number): TimedText[] {
    const before = this.advance(atMs);
    if (this.#state === 'open') {
      const { accountSid, callSid } = this.#names;
      this.#send({ event: 'stop', stop: { accountSid, callSid } });
    }
    return [...before, ...this.breakOff(this.#nowMs)];
  }

  breakOff(atMs: number): TimedText[] {
    const before = this.advance(atMs);
    this.#state = 'stopped';
    return [...before, ...this.#out.splice(0)];
  }

  playedAssistant(): Uint8Array {
    return this.#queue.heard(0, Math.floor(this.#nowMs * BYTES_PER_MS));
  }

  callerTrack(): Uint8Array {
    return this.#caller.read(0, Math.floor(this.#nowMs * BYTES_PER_MS));
  }

  get playout(): Playout {
    return this.#queue;
  }

  #open(): void {
    this.#state = 'open';
    const connected = { event: 'connected', protocol: 'Call', version: '1.0.0' };
    this.#out.push({ atMs: this.#nowMs, text: JSON.stringify(connected) });
    const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 };
    this.#send({ event: 'start', start: { ...this.#names, tracks: ['inbound'], mediaFormat } });
  }

  #resend({ message }: RecordedMessage): void {
    this.#recorded.shift();
    const { media } = message;
    if (isRecord(media) && typeof media['payload'] === 'string') {
      const timestamp = Number(media['timestamp']);
      const placeable = timestamp >= 0 && timestamp < LONGEST_MS;
      if (placeable) this.#caller.write(timestamp * BYTES_PER_MS, Buffer.from(media['payload'], 'base64'));
    }
    const { accountSid, callSid } = this.#names;
    this.#send(message['event'] === 'stop' ? { ...message, stop: { accountSid, callSid } } : message);
    if (message['event'] === 'stop') this.#state = 'stopped';
  }

  #mark(name: string): void {
    this.#send({ event: 'mark', mark: { name } });
  }

  #send(message: Readonly<Record<string, unknown>>): void {
    this.#sequenceNumber++;
    const { event, ...content } = message;
    const own = { sequenceNumber: String(this.#sequenceNumber), streamSid: this.#names.streamSid };
    this.#out.push({ atMs: this.#nowMs, text: JSON.stringify({ event, ...content, ...own }) });
  }
}

function timestampOf({ atMs, message }: RecordedMessage): number {
  const { media } = message;
  const timestamp = isRecord(media) ? Number(media['timestamp']) : NaN;
  // Frames far out of order, and messages without a timestamp, hold nothing back.
  return Number.isFinite(timestamp) && Math.abs(timestamp - atMs) < 1000 ? timestamp : Infinity;
}
