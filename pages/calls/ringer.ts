/** A bell of two tones, struck twice, then a pause: clearly different from the ringback tone that callers hear. */
const TONES_HZ = [660, 880] as const;
const STRIKES_S = [0, 0.45] as const;
const STRIKE_S = 0.35;
const AGAIN_MS = 2_500;
const LOUDNESS = 0.15;

/** The sound of a call that waits at the desk. Browsers allow sound only after a user gesture. */
export class Ringer {
  readonly #changed: () => void;
  #context: AudioContext | undefined;
  #timer: number | undefined;

  constructor(changed: () => void) {
    this.#changed = changed;
    for (const gesture of ['pointerdown', 'keydown']) addEventListener(gesture, () => this.#wake());
  }

  /** Whether the browser blocks the sound. */
  get silenced(): boolean {
    return this.#context?.state === 'suspended';
  }

  get ringing(): boolean {
    return this.#timer !== undefined;
  }

  ring(on: boolean): void {
    if (on === this.ringing) return;
    clearInterval(this.#timer);
    this.#timer = on ? window.setInterval(() => this.#strike(), AGAIN_MS) : undefined;
    if (!on) void this.#context?.suspend();
    else void this.#resume().then(() => this.#strike());
  }

  #wake(): void {
    if (this.ringing) void this.#resume();
  }

  /** A browser that does not allow sound yet resolves later, or never. */
  #resume(): Promise<void> {
    if (!this.#context) {
      this.#context = new AudioContext();
      this.#context.onstatechange = this.#changed;
    }
    return this.#context.resume();
  }

  #strike(): void {
    const context = this.#context;
    if (!this.ringing || context?.state !== 'running') return;
    for (const afterS of STRIKES_S) {
      const atS = context.currentTime + afterS;
      const gain = new GainNode(context, { gain: 0 });
      gain.gain.setValueAtTime(LOUDNESS, atS);
      gain.gain.exponentialRampToValueAtTime(LOUDNESS / 100, atS + STRIKE_S);
      gain.connect(context.destination);
      for (const frequency of TONES_HZ) {
        const tone = new OscillatorNode(context, { frequency });
        tone.connect(gain);
        tone.start(atS);
        tone.stop(atS + STRIKE_S);
      }
    }
  }
}
