/** A service that refused twice would again. */
const MOST_TRIES = 2;
/** Sound around an utterance that is sent once more, so that it is found again. */
const BEFORE_MS = 300;
const AFTER_MS = 400;

/** A part of the recording, in milliseconds since it began. */
export interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
}

/** A stretch that has to be written down. Its beginning moves on with what is. */
export class UnwrittenStretch implements Stretch {
  startMs: number;
  /** Infinity: as far as the recording goes. */
  endMs: number;
  tries: number;

  constructor(startMs: number, endMs: number, tries: number) {
    this.startMs = startMs;
    this.endMs = endMs;
    this.tries = tries;
  }

  get sendFromMs(): number {
    return Math.max(0, this.tries === 0 ? this.startMs : this.startMs - BEFORE_MS);
  }

  get sendUntilMs(): number {
    return this.tries === 0 ? this.endMs : this.endMs + AFTER_MS;
  }

  settle(untilMs: number): void {
    this.startMs = Math.min(this.endMs, Math.max(this.startMs, untilMs));
  }
}

/** What of a recording is not written down: at first all of it. */
export class UnwrittenStretches {
  #stretches: UnwrittenStretch[] = [new UnwrittenStretch(0, Infinity, 0)];

  /** In the order of the recording. */
  get all(): readonly Stretch[] {
    return this.#stretches.toSorted((a, b) => a.startMs - b.startMs);
  }

  /** What was tried in vain. */
  get failed(): readonly Stretch[] {
    return this.#stretches.filter(({ tries }) => tries > 0);
  }

  /** What is to be sent; undefined where nothing is left that is worth a try. */
  next(): UnwrittenStretch | undefined {
    return this.#stretches.find(({ tries }) => tries < MOST_TRIES);
  }

  lengthMs(recordedMs: number): number {
    return this.#stretches.reduce(
      (sum, { startMs, endMs }) => sum + Math.min(endMs, recordedMs) - startMs,
      0,
    );
  }

  /** The recording is over. */
  endAt(ms: number): void {
    for (const stretch of this.#stretches) stretch.endMs = Math.min(stretch.endMs, ms);
  }

  /** All of `stretch` has been sent and answered. */
  done(stretch: UnwrittenStretch): void {
    this.#stretches = this.#stretches.filter((one) => one !== stretch);
  }

  /** A part of `stretch` could not be written down. */
  failedIn(stretch: UnwrittenStretch, startMs: number, endMs: number): void {
    stretch.settle(endMs);
    this.#stretches.push(new UnwrittenStretch(startMs, endMs, stretch.tries + 1));
  }

  /** Everything is worth a try again. */
  forgive(): void {
    for (const stretch of this.#stretches) stretch.tries = Math.min(stretch.tries, 1);
  }
}
