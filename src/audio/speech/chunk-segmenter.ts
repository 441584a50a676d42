import { loudnessDbfs } from '../loudness.ts';
import { Resampler } from '../resampler.ts';
import { SampleBuffer } from './sample-buffer.ts';
import { RECOGNISER_HZ, type Segmenter, type SegmenterEvent } from './utterance-segmenter.ts';

/** The share of a chunk, at its end, in which the quietest moment is its end: fewer words are cut in two. */
const CHOICE_SHARE = 0.25;
const WINDOW_MS = 20;
const SAMPLES_PER_MS = RECOGNISER_HZ / 1_000;

/** Splits a microphone's sound of any sample rate into chunks of at most a given length, whatever is said in them. */
export class ChunkSegmenter implements Segmenter {
  readonly speakingSinceMs = undefined;
  readonly #toRecogniser: Resampler;
  readonly #kept = new SampleBuffer(RECOGNISER_HZ);
  readonly #chunkMs: number;
  #samples = 0;
  #startMs = 0;

  /** `loadResampler` must have been awaited. */
  constructor(options: { readonly sampleRateHz: number; readonly chunkMs: number }) {
    this.#chunkMs = options.chunkMs;
    this.#toRecogniser = new Resampler({ fromHz: options.sampleRateHz, toHz: RECOGNISER_HZ });
  }

  get heardMs(): number {
    return this.#samples / SAMPLES_PER_MS;
  }

  get earliestNextStartMs(): number {
    return this.#startMs;
  }

  hear(pcm: Int16Array): SegmenterEvent[] {
    return this.#add(this.#toRecogniser.process(pcm));
  }

  /** There are no partial texts of a chunk. */
  soFar(): undefined {
    return undefined;
  }

  end(): SegmenterEvent[] {
    const events = this.#add(this.#toRecogniser.flush());
    if (this.heardMs > this.#startMs) events.push(this.#cut(this.heardMs));
    return events;
  }

  close(): void {
    this.#toRecogniser.close();
  }

  #add(pcm: Int16Array): SegmenterEvent[] {
    // Messages may be longer than a chunk.
    this.#kept.add(pcm, this.heardMs - this.#startMs);
    this.#samples += pcm.length;
    const events: SegmenterEvent[] = [];
    while (this.heardMs - this.#startMs >= this.#chunkMs) events.push(this.#cut(this.#quietestEnd()));
    return events;
  }

  #cut(endMs: number): SegmenterEvent {
    const startMs = this.#startMs;
    this.#startMs = endMs;
    const pcm = this.#kept.between(startMs, endMs);
    return { kind: 'finished', utterance: { startMs, endMs, audioStartMs: startMs, pcm } };
  }

  #quietestEnd(): number {
    const lastMs = this.#startMs + this.#chunkMs;
    const firstMs = lastMs - this.#chunkMs * CHOICE_SHARE;
    let quietest = { atMs: lastMs, dbfs: Infinity };
    // Backwards, so that a steady sound gives whole chunks.
    for (let atMs = lastMs - WINDOW_MS; atMs >= firstMs; atMs -= WINDOW_MS) {
      const dbfs = loudnessDbfs(this.#kept.between(atMs, atMs + WINDOW_MS));
      if (dbfs < quietest.dbfs) quietest = { atMs: atMs + WINDOW_MS, dbfs };
    }
    return quietest.atMs;
  }
}
