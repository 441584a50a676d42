/** The first looks, with the pause before each; all further ones have the last pause. */
const PAUSES_MS = [...Array<number>(15).fill(1_000), ...Array<number>(20).fill(5_000), 30_000];
const AFTER_FAILURE_MS = 5_000;

/**
 * Loads something again while its state changes by itself: often at first, later every 30 s; after a temporary failure every 5 s.
 */
export class LookAgain {
  readonly #look: () => void;
  #looks = 0;
  #timer: number | undefined;

  constructor(look: () => void) {
    this.#look = look;
  }

  /** Call it after each load. `willChange`: another look is due. */
  after(willChange: boolean): void {
    this.stop();
    if (!willChange) {
      this.#looks = 0;
      return;
    }
    const pauseMs = PAUSES_MS[Math.min(this.#looks, PAUSES_MS.length - 1)];
    this.#looks += 1;
    this.#timer = window.setTimeout(this.#look, pauseMs);
  }

  /** Call it when a load has failed. */
  afterFailure(isTemporary: boolean): void {
    this.stop();
    if (isTemporary) this.#timer = window.setTimeout(this.#look, AFTER_FAILURE_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
