import load, { type FvadModule } from '@echogarden/fvad-wasm';
import { FRAME_SAMPLES, TELEPHONE_HZ } from '../telephone.ts';

/** The strictest of libfvad's modes, with the fewest false positives in noise. */
const MODE = 3;

let library: Promise<FvadModule> | undefined;
let loaded: FvadModule | undefined;

/** Loads libfvad once. Await it before creating detectors. */
export async function loadVoiceActivity(): Promise<void> {
  library ??= load();
  loaded = await library;
}

/** Classifies 20 ms frames of one voice as speech or not. Call `release` when the call is over. */
export class VoiceActivity {
  readonly #fvad: FvadModule;
  #handle: number;
  readonly #frame: number;

  constructor() {
    if (!loaded) throw new Error('await loadVoiceActivity() before creating a detector');
    this.#fvad = loaded;
    this.#handle = loaded._fvad_new();
    this.#frame = loaded._malloc(FRAME_SAMPLES * 2);
    loaded._fvad_set_sample_rate(this.#handle, TELEPHONE_HZ);
    loaded._fvad_set_mode(this.#handle, MODE);
  }

  /** `frame`: `FRAME_SAMPLES` samples. */
  isSpeech(frame: Int16Array): boolean {
    if (this.#handle === 0) return false;
    this.#fvad.HEAP16.set(frame, this.#frame >> 1);
    return this.#fvad._fvad_process(this.#handle, this.#frame, FRAME_SAMPLES) === 1;
  }

  release(): void {
    if (this.#handle === 0) return;
    this.#fvad._fvad_free(this.#handle);
    this.#fvad._free(this.#frame);
    this.#handle = 0;
  }
}
