import load, { type FvadModule } from '@echogarden/fvad-wasm';

/** Samples in the 20 ms frame that is judged at 8,000 Hz. */
export const FRAME_SAMPLES = 160;
/** The strictest of libfvad's modes: the one that hears least speech in noise. */
const MODE = 3;

let library: Promise<FvadModule> | undefined;
let loaded: FvadModule | undefined;

/** Loads libfvad once; detectors can be made from then on. */
export async function loadVoiceActivity(): Promise<void> {
  library ??= load();
  loaded = await library;
}

/** Judges 20 ms frames of one voice: speech or not. Release it when the call is over. */
export class VoiceActivity {
  readonly #fvad: FvadModule;
  #handle: number;
  readonly #frame: number;

  constructor() {
    if (!loaded) throw new Error('loadVoiceActivity() has to be awaited before the first detector is made');
    this.#fvad = loaded;
    this.#handle = loaded._fvad_new();
    this.#frame = loaded._malloc(FRAME_SAMPLES * 2);
    loaded._fvad_set_sample_rate(this.#handle, 8_000);
    loaded._fvad_set_mode(this.#handle, MODE);
  }

  /** `frame`: 160 samples. */
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
