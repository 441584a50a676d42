/** The line stays open this long after the last mark returned, so that the last word is not clipped. */
const AFTER_LAST_MARK_MS = 300;
/** The call ends after this time even if marks are missing. */
const MAX_FAREWELL_MS = 30_000;
/** The line is asked again to hang up only after this time. */
const AGAIN_MS = 5_000;

/** Decides when our side ends the call: after the last word was heard, or when the time limit is reached. */
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

  /** The reason given first. */
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

  /** True if the line is to be hung up now. `audible`: audio is still to be heard. */
  due(audible: boolean, atMs: number): boolean {
    if (this.#requestedAtMs === undefined) return false;
    this.#quietSinceMs = audible ? undefined : (this.#quietSinceMs ?? atMs);
    const heard = this.#quietSinceMs !== undefined && atMs - this.#quietSinceMs >= AFTER_LAST_MARK_MS;
    const late = atMs - this.#requestedAtMs >= MAX_FAREWELL_MS;
    if ((!heard && !late) || atMs - this.#askedAtMs < AGAIN_MS) return false;
    this.#askedAtMs = atMs;
    return true;
  }
}
