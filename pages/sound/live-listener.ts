import type { Speaker } from '../../src/events/speaker.ts';
import { decodeMulaw, TELEPHONE_HZ } from './mulaw.ts';

/** So long sound waits before it is played, against the network's jitter. */
const BUFFER_S = 0.12;
/** The caller's sound comes as it is said: what would be played sooner, or later, than this shows that we are out of step. */
const LEAST_S = 0.01;
const MOST_S = 0.5;
/** What begins this near to the end of what came before it belongs to it without a gap. */
const SAME_BREATH_S = 0.08;
/** Where the caller's side brings nothing, the other side alone tells the time after this. */
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

/** Plays both sides of a live call, each where it is heard in the call. */
export class LiveListener {
  // At the telephone's own rate: blocks that are put side by side fit without a seam.
  readonly #context = new AudioContext({ sampleRate: TELEPHONE_HZ, latencyHint: 'interactive' });
  readonly #tracks = new Map<Speaker, Track>();
  #early: Sound[] = [];
  #firstMs: number | undefined;
  /** The context's time at the call's time 0. */
  #zero: number | undefined;

  /** Gives how loud it was, 0 to 1. */
  hear(speaker: Speaker, callMs: number, mulaw: Uint8Array): number {
    const samples = Float32Array.from(decodeMulaw(mulaw));
    const sound: Sound = { speaker, callMs, samples };
    if (speaker === 'caller') this.#keepStep(callMs);
    else if (this.#zero === undefined) this.#anchorWithoutCaller(callMs);
    if (this.#zero === undefined) this.#early = [...this.#early, sound].slice(-MOST_EARLY);
    else for (const one of [...this.#early.splice(0), sound]) this.#play(one, this.#zero);
    return samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  }

  /** What we were going to say and have not said yet is never heard. */
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
