const SOON_MS = 1_000;
const SOON_LOOKS = 120;
const LATER_MS = 30_000;
const AFTER_FAILURE_MS = 5_000;

/**
 * Loads something again while its state changes by itself: every second for two minutes, then every 30 s; after a temporary failure
 * every 5 s.
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
    this.#looks += 1;
    const waitMs = this.#looks <= SOON_LOOKS ? SOON_MS : LATER_MS;
    this.#timer = window.setTimeout(this.#look, waitMs);
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
