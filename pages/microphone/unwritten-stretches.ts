/** Attempts per stretch: a service that refused twice would refuse again. */
const MOST_TRIES = 2;
/** Audio around a repeated utterance, so that it is detected again. */
const BEFORE_MS = 300;
const AFTER_MS = 400;

/** A range of the recording, in milliseconds since its start. */
export interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
}

/** A range that has to be transcribed. Its start moves forward with the transcript. */
export class UnwrittenStretch implements Stretch {
  startMs: number;
  /** Infinity: to the end of the recording. */
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

/** The parts of a recording that are not transcribed: initially all of it. */
export class UnwrittenStretches {
  #stretches: UnwrittenStretch[] = [new UnwrittenStretch(0, Infinity, 0)];

  /** In order of the recording. */
  get all(): readonly Stretch[] {
    return this.#stretches.toSorted((a, b) => a.startMs - b.startMs);
  }

  /** The parts that failed. */
  get failed(): readonly Stretch[] {
    return this.#stretches.filter(({ tries }) => tries > 0);
  }

  /** The next part to send; undefined if none is left to try. */
  next(): UnwrittenStretch | undefined {
    return this.#stretches.find(({ tries }) => tries < MOST_TRIES);
  }

  lengthMs(recordedMs: number): number {
    return this.#stretches.reduce(
      (sum, { startMs, endMs }) => sum + Math.min(endMs, recordedMs) - startMs,
      0,
    );
  }

  /** The recording has ended. */
  endAt(ms: number): void {
    for (const stretch of this.#stretches) stretch.endMs = Math.min(stretch.endMs, ms);
  }

  /** All of `stretch` has been sent and transcribed. */
  done(stretch: UnwrittenStretch): void {
    this.#stretches = this.#stretches.filter((one) => one !== stretch);
  }

  /** A part of `stretch` could not be transcribed. */
  failedIn(stretch: UnwrittenStretch, startMs: number, endMs: number): void {
    stretch.settle(endMs);
    this.#stretches.push(new UnwrittenStretch(startMs, endMs, stretch.tries + 1));
  }

  /** Allows all parts to be tried again. */
  forgive(): void {
    for (const stretch of this.#stretches) stretch.tries = Math.min(stretch.tries, 1);
  }
}
