import { FRAME_SAMPLES, TELEPHONE_HZ } from '../../src/audio/telephone.ts';
import { encodeMulaw } from './mulaw.ts';
import { Playout } from './playout.ts';
import { Resampler } from './resampler.ts';
import type { FromTelephone, ToTelephone } from './telephone-messages.ts';

/** The queue is played in fractions of a millisecond, which is the precision of the time of a mark. */
const BIT_SAMPLES = 8;
const FRAME_SECONDS = FRAME_SAMPLES / TELEPHONE_HZ;

/**
 * Input and output of a telephone in one worklet: both use the clock of the sound card, so that speech and playback
 * never drift apart, and a mark is reported between the frames where it was reached.
 */
class Telephone extends AudioWorkletProcessor {
  readonly #down = new Resampler(sampleRate, TELEPHONE_HZ);
  readonly #up = new Resampler(TELEPHONE_HZ, sampleRate);
  readonly #playout = new Playout();
  readonly #frame = new Float32Array(FRAME_SAMPLES);
  /** Marks whose audio has not reached the ear yet. */
  #reached: { readonly name: string; readonly dueFrame: number }[] = [];
  #ready = new Float32Array(0);
  #filled = 0;
  #latencyFrames = 0;
  #muted = false;
  #stopped = false;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<ToTelephone>) => this.#take(data);
  }

  process([microphone]: Float32Array[][], [speaker]: Float32Array[][]): boolean {
    const out = speaker?.[0];
    if (!out) return !this.#stopped;
    this.#speak(out);
    for (const other of speaker.slice(1)) other.set(out);
    this.#tellReached();
    this.#listen(microphone?.[0] ?? new Float32Array(out.length));
    return !this.#stopped;
  }

  #take(message: ToTelephone): void {
    switch (message.kind) {
      case 'play':
        this.#playout.play(message.mulaw);
        break;
      case 'mark':
        this.#playout.mark(message.name);
        break;
      case 'clear':
        this.#reach(this.#playout.clear(), currentFrame);
        break;
      case 'mute':
        this.#muted = message.muted;
        break;
      case 'latency':
        this.#latencyFrames = Math.round(message.seconds * sampleRate);
        break;
      case 'stop':
        this.#stopped = true;
        break;
    }
  }

  #speak(out: Float32Array): void {
    while (this.#ready.length < out.length) {
      const bit = new Float32Array(BIT_SAMPLES);
      const marks = this.#playout.fill(bit);
      this.#ready = joined(this.#ready, this.#up.push(bit));
      this.#reach(marks, currentFrame + this.#ready.length);
    }
    out.set(this.#ready.subarray(0, out.length));
    this.#ready = this.#ready.slice(out.length);
  }

  /**
   * Reports a mark when it is heard, together with the microphone frame of that moment, which must be complete first:
   * so a mark is ordered between the frames around its time. Cleared marks must not overtake earlier ones.
   */
  #reach(marks: readonly string[], atFrame: number): void {
    const lagSeconds = this.#up.lagSeconds + this.#down.lagSeconds + FRAME_SECONDS;
    const dueFrame = atFrame + this.#latencyFrames + Math.round(lagSeconds * sampleRate);
    for (const name of marks) this.#reached.push({ name, dueFrame });
  }

  #tellReached(): void {
    const due = this.#reached.filter(({ dueFrame }) => dueFrame <= currentFrame);
    if (due.length === 0) return;
    this.#reached = this.#reached.filter(({ dueFrame }) => dueFrame > currentFrame);
    for (const { name } of due) this.#tell({ kind: 'mark', name });
  }

  #listen(block: Float32Array): void {
    for (const sample of this.#down.push(block)) {
      this.#frame[this.#filled] = this.#muted ? 0 : sample;
      this.#filled += 1;
      if (this.#filled < FRAME_SAMPLES) continue;
      this.#filled = 0;
      this.#tell({ kind: 'frame', mulaw: encodeMulaw(this.#frame), peak: peakOf(this.#frame) });
    }
  }

  #tell(message: FromTelephone): void {
    this.port.postMessage(message);
  }
}

function joined(one: Float32Array, other: Float32Array): Float32Array<ArrayBuffer> {
  const both = new Float32Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

function peakOf(samples: Float32Array): number {
  return samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
}

registerProcessor('telephone', Telephone);
