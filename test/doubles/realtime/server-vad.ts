import { decodeMulaw } from '../../../src/audio/mulaw.ts';

/** What the reference knows of server-side turn detection. */
export interface VadSettings {
  readonly type: 'server_vad' | 'semantic_vad';
  readonly threshold?: number | undefined;
  readonly prefix_padding_ms?: number | undefined;
  readonly silence_duration_ms?: number | undefined;
}

/** Milliseconds since the start of all audio that was written. */
export type VadEvent =
  | { readonly kind: 'started'; readonly startMs: number }
  | { readonly kind: 'stopped'; readonly endMs: number; readonly audio: Uint8Array };

const FRAME_MS = 20;
/** A click is no speech. */
const ONSET_FRAMES = 3;
/** Of full scale, for the default threshold of 0.5. */
const VOICED_RMS = 400;

/** Finds speech by its energy in the audio that a session got, as a server does that divides it: nothing is scripted. */
export class ServerVad {
  readonly #settings: VadSettings;
  readonly #silenceMs: number;
  readonly #format: 'audio/pcm' | 'audio/pcmu';
  /** Since the last commit, as it was written. */
  #buffer = Buffer.alloc(0);
  /** Where the buffer begins. */
  #bufferMs = 0;
  /** The end of what was analysed. */
  #heardMs = 0;
  #voicedFrames = 0;
  #voicedMs: number | undefined;
  #isOpen = false;

  /** `semanticSilenceMs`: how long a model that judges by the words waits. */
  constructor(settings: VadSettings, format: 'audio/pcm' | 'audio/pcmu', semanticSilenceMs: number) {
    this.#settings = settings;
    this.#format = format;
    this.#silenceMs =
      settings.type === 'server_vad' ? (settings.silence_duration_ms ?? 500) : semanticSilenceMs;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  write(audio: Uint8Array): VadEvent[] {
    this.#buffer = Buffer.concat([this.#buffer, audio]);
    const events: VadEvent[] = [];
    for (;;) {
      const at = (this.#heardMs - this.#bufferMs) * this.#bytesPerMs;
      const frame = this.#buffer.subarray(at, at + FRAME_MS * this.#bytesPerMs);
      if (frame.length < FRAME_MS * this.#bytesPerMs) return events;
      this.#heardMs += FRAME_MS;
      events.push(...this.#frame(this.#isVoiced(frame)));
    }
  }

  /** Everything since the last commit; the next speech begins anew. */
  take(): Uint8Array {
    const audio = this.#buffer;
    this.#bufferMs += audio.length / this.#bytesPerMs;
    this.#heardMs = this.#bufferMs;
    this.#buffer = Buffer.alloc(0);
    this.#isOpen = false;
    this.#voicedFrames = 0;
    this.#voicedMs = undefined;
    return audio;
  }

  get #bytesPerMs(): number {
    return this.#format === 'audio/pcm' ? 48 : 8;
  }

  #frame(isVoiced: boolean): VadEvent[] {
    this.#voicedFrames = isVoiced ? this.#voicedFrames + 1 : 0;
    if (isVoiced && this.#isOpen) this.#voicedMs = this.#heardMs;
    if (!this.#isOpen && this.#voicedFrames >= ONSET_FRAMES) {
      this.#isOpen = true;
      this.#voicedMs = this.#heardMs;
      const { prefix_padding_ms: paddingMs = 300 } = this.#settings;
      this.#cutTo(this.#heardMs - ONSET_FRAMES * FRAME_MS - paddingMs);
      return [{ kind: 'started', startMs: this.#bufferMs }];
    }
    if (!this.#isOpen) {
      this.#cutTo(this.#heardMs - 1_000);
      return [];
    }
    if (this.#heardMs - (this.#voicedMs ?? 0) < this.#silenceMs) return [];
    const length = (this.#heardMs - this.#bufferMs) * this.#bytesPerMs;
    const audio = Buffer.from(this.#buffer.subarray(0, length));
    this.#cutTo(this.#heardMs);
    this.#isOpen = false;
    this.#voicedFrames = 0;
    return [{ kind: 'stopped', endMs: this.#heardMs, audio }];
  }

  #cutTo(ms: number): void {
    if (ms <= this.#bufferMs) return;
    this.#buffer = Buffer.from(this.#buffer.subarray((ms - this.#bufferMs) * this.#bytesPerMs));
    this.#bufferMs = ms;
  }

  #isVoiced(frame: Buffer): boolean {
    const pcm =
      this.#format === 'audio/pcm'
        ? Int16Array.from({ length: frame.length >> 1 }, (_, i) => frame.readInt16LE(2 * i))
        : decodeMulaw(frame);
    const power = pcm.reduce((sum, one) => sum + one * one, 0) / pcm.length;
    return Math.sqrt(power) > (VOICED_RMS * (this.#settings.threshold ?? 0.5)) / 0.5;
  }
}
