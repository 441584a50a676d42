import { sentenceFor } from '../frame/ask-server.ts';
import { decibels, Level } from './level-meter.ts';
import { Recorder } from './recorder.ts';
import { type SavedRecording, saveRecording } from './save-recording.ts';
import { peakOf, WavEncoder } from './wav-encoder.ts';

const TEST_MS = 5_000;
const DRAW_EVERY_MS = 100;
/** Below the first level the microphone is off; below the second it is too far away. */
const SILENT_DB = -55;
const FAINT_DB = -35;
const TOO_LOUD_DB = -0.5;

export type SoundTestState =
  | { readonly kind: 'none' }
  | { readonly kind: 'opening' }
  | { readonly kind: 'recording'; readonly leftMs: number; readonly levelDb: number }
  | { readonly kind: 'saving' }
  | { readonly kind: 'done'; readonly saved: SavedRecording; readonly peakDb: number }
  | { readonly kind: 'failed'; readonly sentence: string };

/** Records five seconds of the microphone, saves and plays them, so that problems show before a call. */
export class SoundTest {
  state: SoundTestState = { kind: 'none' };
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get busy(): boolean {
    return ['opening', 'recording', 'saving'].includes(this.state.kind);
  }

  async run(): Promise<void> {
    if (this.busy) return;
    this.#become({ kind: 'opening' });
    try {
      const { wav, peakDb } = await this.#record();
      this.#become({ kind: 'saving' });
      this.#become({ kind: 'done', saved: await saveRecording(wav, 'none'), peakDb });
    } catch (error) {
      this.#become({ kind: 'failed', sentence: sentenceFor(error) });
    }
  }

  async #record(): Promise<{ wav: Blob; peakDb: number }> {
    const level = new Level();
    const blocks: Float32Array[] = [];
    let peak = 0;
    const recorder = await Recorder.open({
      block: (samples) => {
        blocks.push(samples);
        level.hear(peakOf(samples));
        peak = Math.max(peak, peakOf(samples));
      },
      lost: () => undefined,
    });
    const endMs = performance.now() + TEST_MS;
    for (let leftMs = TEST_MS; leftMs > 0; leftMs = endMs - performance.now()) {
      this.#become({ kind: 'recording', leftMs, levelDb: level.nowDb() });
      await new Promise((resolve) => setTimeout(resolve, Math.min(DRAW_EVERY_MS, leftMs)));
    }
    await recorder.close();
    const encoder = new WavEncoder(recorder.sampleRateHz);
    for (const block of blocks) encoder.add(block);
    return { wav: encoder.file(), peakDb: decibels(peak) };
  }

  #become(state: SoundTestState): void {
    this.state = state;
    this.#changed();
  }
}

/** The assessment of a peak level, for the user. */
export function judgement(peakDb: number): { readonly good: boolean; readonly words: string } {
  if (peakDb <= SILENT_DB)
    return {
      good: false,
      words:
        'No sound was recorded. Check that the microphone is switched on and not muted, and that the right one is selected in the browser.',
    };
  if (peakDb < FAINT_DB)
    return { good: false, words: 'You are too quiet. Move closer, or turn the microphone up.' };
  if (peakDb > TOO_LOUD_DB)
    return { good: false, words: 'It is too loud and distorted. Turn the microphone down.' };
  return { good: true, words: 'The microphone works.' };
}
