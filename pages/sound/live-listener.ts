import { TELEPHONE_HZ } from '../../src/audio/telephone.ts';
import type { Speaker } from '../../src/events/speaker.ts';
import { decodeMulaw } from './mulaw.ts';

/** The delay of the jitter buffer. */
const BUFFER_S = 0.12;
/**
 * The caller's audio arrives in real time: a larger deviation of the playback time means that the clocks have drifted
 * apart.
 */
const LEAST_S = 0.01;
const MOST_S = 0.5;
/** Audio that begins this close to the end of the previous audio continues it without a gap. */
const SAME_BREATH_S = 0.08;
/** If the caller's side sends nothing for this time, the other side determines the clock. */
const CALLER_SILENT_MS = 300;
const MOST_EARLY = 50;

interface Sound {
  readonly speaker: Speaker;
  readonly callMs: number;
  readonly samples: Float32Array<ArrayBuffer>;
}

interface Track {
  endsAt: number;
  readonly sources: Set<AudioBufferSourceNode>;
}

/** Plays both sides of a live call, each at its position in the call. */
export class LiveListener {
  // At the telephone's sample rate: consecutive blocks join without a click.
  readonly #context = new AudioContext({ sampleRate: TELEPHONE_HZ, latencyHint: 'interactive' });
  readonly #tracks = new Map<Speaker, Track>();
  #early: Sound[] = [];
  #firstMs: number | undefined;
  /** The context's time at call time 0. */
  #zero: number | undefined;

  /** Returns the peak level, 0 to 1. */
  hear(speaker: Speaker, callMs: number, mulaw: Uint8Array): number {
    const samples = Float32Array.from(decodeMulaw(mulaw));
    const sound: Sound = { speaker, callMs, samples };
    if (speaker === 'caller') this.#keepStep(callMs);
    else if (this.#zero === undefined) this.#anchorWithoutCaller(callMs);
    if (this.#zero === undefined) this.#early = [...this.#early, sound].slice(-MOST_EARLY);
    else for (const one of [...this.#early.splice(0), sound]) this.#play(one, this.#zero);
    return samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  }

  /** Discards assistant audio that has not been played. */
  cut(): void {
    this.#early = this.#early.filter(({ speaker }) => speaker === 'caller');
    for (const [speaker, track] of this.#tracks) {
      if (speaker === 'caller') continue;
      for (const source of track.sources) source.stop();
      track.endsAt = 0;
    }
  }

  stop(): void {
    void this.#context.close();
  }

  #keepStep(callMs: number): void {
    const now = this.#context.currentTime;
    const waits = (this.#zero ?? -Infinity) + callMs / 1_000 - now;
    if (waits < LEAST_S || waits > MOST_S) this.#zero = now + BUFFER_S - callMs / 1_000;
  }

  #anchorWithoutCaller(callMs: number): void {
    this.#firstMs ??= performance.now();
    if (performance.now() - this.#firstMs < CALLER_SILENT_MS) return;
    this.#zero = this.#context.currentTime + BUFFER_S - callMs / 1_000;
  }

  #play({ speaker, callMs, samples }: Sound, zero: number): void {
    if (samples.length === 0) return;
    const track = this.#tracks.get(speaker) ?? { endsAt: 0, sources: new Set() };
    this.#tracks.set(speaker, track);
    const context = this.#context;
    const placed = zero + callMs / 1_000;
    const nearby = Math.abs(placed - track.endsAt) < SAME_BREATH_S;
    const at = Math.max(nearby ? track.endsAt : placed, context.currentTime);
    const startsAt = Math.round(at * TELEPHONE_HZ) / TELEPHONE_HZ;
    track.endsAt = startsAt + samples.length / TELEPHONE_HZ;
    const buffer = context.createBuffer(1, samples.length, TELEPHONE_HZ);
    buffer.copyToChannel(samples, 0);
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(context.destination);
    track.sources.add(source);
    source.onended = () => track.sources.delete(source);
    source.start(startsAt);
  }
}
