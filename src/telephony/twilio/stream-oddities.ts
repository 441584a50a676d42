/** Different oddities that are counted per stream, so that a peer cannot exhaust memory. */
const MAX_ODDITIES = 50;

/** Counts what is unexpected in one media stream, by its description. */
export class StreamOddities {
  readonly #counts = new Map<string, number>();

  /** True the first time, when it is to be reported. */
  count(what: string): boolean {
    const count = (this.#counts.get(what) ?? 0) + 1;
    if (count > 1 || this.#counts.size < MAX_ODDITIES) this.#counts.set(what, count);
    return count === 1;
  }

  /** What occurred more than once, with the number of times. */
  get repeated(): readonly string[] {
    return [...this.#counts].flatMap(([what, count]) => (count > 1 ? [`${what} (${count} times)`] : []));
  }
}
