/** Longer gaps of the line are skipped: a server that decides where turns end has heard enough silence by then. */
const LONGEST_FILL_MS = 4_000;
/** Rounding of timestamps. */
const SAME_MS = 1;
/** Gaps of one session whose places are known. */
const MAX_SKIPS = 100;

/** Places the audio that a session got on the call's time: the server counts what was appended. All times in milliseconds. */
export class LineClock {
  /** From `appendedMs` on, what was appended is that of `callMs` on. */
  readonly #runs: { readonly appendedMs: number; readonly callMs: number }[] = [];
  #appendedMs = 0;

  /** What was appended. */
  get appendedMs(): number {
    return this.#appendedMs;
  }

  /** The end of what was appended, in call time. */
  get endMs(): number {
    return this.callMs(this.#appendedMs);
  }

  /** Audio of `fromMs` on is to be appended. Returns the silence to be appended before it. */
  gapBefore(fromMs: number): number {
    const missingMs = fromMs - this.endMs;
    if (this.#runs.length > 0 && Math.abs(missingMs) <= SAME_MS) return 0;
    const isFirst = this.#runs.length === 0;
    const fillMs = isFirst ? 0 : Math.max(0, Math.min(missingMs, LONGEST_FILL_MS));
    this.#appendedMs += fillMs;
    if (fillMs < missingMs || missingMs < 0 || isFirst) this.jumpTo(fromMs);
    return fillMs;
  }

  /** What is appended next is that of `callMs` on. */
  jumpTo(callMs: number): void {
    this.#runs.push({ appendedMs: this.#appendedMs, callMs });
    if (this.#runs.length > MAX_SKIPS) this.#runs.shift();
  }

  appended(ms: number): void {
    this.#appendedMs += ms;
  }

  /** The call time of a place in what was appended. */
  callMs(appendedMs: number): number {
    const run = this.#runs.findLast((one) => one.appendedMs <= appendedMs) ?? this.#runs[0];
    return run === undefined ? 0 : run.callMs + appendedMs - run.appendedMs;
  }
}
