/** After this silence of the caller's side, its noise counts as new. */
const SILENCE_MS = 30_000;
/** After the question, the caller has this long to give a sign. */
const SIGN_WITHIN_MS = 45_000;
/** Who speaks longer than this at a stretch gives no sign by letting us answer: films and announcements do, too. */
const LONG_UTTERANCE_MS = 10_000;
/** For calls of before there was the setting. */
const DEFAULT_LIMIT_MS = 180_000;

/**
 * A line on which only the caller's side is heard: music on hold, a television, an announcement. It never falls silent, so no
 * silence ends the call. A short utterance whose reply was heard to its end, or a key, shows that a person is there.
 */
export class OneSidedLine {
  /** When the noise began; undefined: since the last sign the caller's side was silent. */
  #sinceMs: number | undefined;
  #lastSoundMs = 0;
  #askedAtMs: number | undefined;

  sound(atMs: number): void {
    if (atMs - this.#lastSoundMs >= SILENCE_MS) this.personDetected();
    this.#sinceMs ??= atMs;
    this.#lastSoundMs = atMs;
  }

  personDetected(): void {
    this.#sinceMs = undefined;
    this.#askedAtMs = undefined;
  }

  /** A reply to an utterance of this length was heard to its end. */
  replyHeard(spokenMs: number): void {
    if (spokenMs <= LONG_UTTERANCE_MS) this.personDetected();
  }

  /** `limitMs` 0: there is no limit. */
  due(atMs: number, limitMs = DEFAULT_LIMIT_MS): 'still-there' | 'goodbye' | undefined {
    if (limitMs === 0 || this.#sinceMs === undefined) return undefined;
    if (this.#askedAtMs !== undefined)
      return atMs - this.#askedAtMs >= SIGN_WITHIN_MS ? 'goodbye' : undefined;
    if (atMs - this.#sinceMs < limitMs) return undefined;
    this.#askedAtMs = atMs;
    return 'still-there';
  }
}
