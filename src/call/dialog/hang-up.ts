/** The line stays open this long after the last mark came back, so that the last word is not clipped. */
const AFTER_LAST_MARK_MS = 300;
/** However long it takes for marks to come back, the call ends by then. */
const LONGEST_FAREWELL_MS = 30_000;
/** After asking for the end, ask again only this much later. */
const AGAIN_MS = 5_000;

/** When our side ends the call: after the last word was heard, or when its time is up. */
export class HangUp {
  readonly #limitAtMs: number;
  #requestedAtMs: number | undefined;
  #reason: string | undefined;
  #quietSinceMs: number | undefined;
  #askedAtMs = -Infinity;

  constructor(startedAtMs: number, maxMinutes: number) {
    this.#limitAtMs = maxMinutes > 0 ? startedAtMs + maxMinutes * 60_000 : Infinity;
  }

  get requested(): boolean {
    return this.#requestedAtMs !== undefined;
  }

  /** Why, as it was said first. */
  get reason(): string | undefined {
    return this.#reason;
  }

  timeIsUp(atMs: number): boolean {
    return atMs >= this.#limitAtMs;
  }

  request(reason: string, atMs: number): void {
    this.#reason ??= reason;
    this.#requestedAtMs ??= atMs;
  }

  /** Whether to hang up now. `audible`: something is still to be heard. */
  due(audible: boolean, atMs: number): boolean {
    if (this.#requestedAtMs === undefined) return false;
    this.#quietSinceMs = audible ? undefined : (this.#quietSinceMs ?? atMs);
    const heard = this.#quietSinceMs !== undefined && atMs - this.#quietSinceMs >= AFTER_LAST_MARK_MS;
    const late = atMs - this.#requestedAtMs >= LONGEST_FAREWELL_MS;
    if ((!heard && !late) || atMs - this.#askedAtMs < AGAIN_MS) return false;
    this.#askedAtMs = atMs;
    return true;
  }
}
