import type { PromptName } from './prompts.ts';

const FILLER_AGAIN_MS = 7_000;
/** A reply that has not started after this time is given up with an apology. */
const REPLY_TIMEOUT_MS = 25_000;

/** The caller's wait for a reply: when to play a filler, and when to give up. */
export class ReplyWait {
  #wait: { readonly sinceMs: number; readonly fillers: number } | undefined;

  start(sinceMs: number): void {
    this.#wait = { sinceMs, fillers: 0 };
  }

  startUnlessRunning(sinceMs: number): void {
    this.#wait ??= { sinceMs, fillers: 0 };
  }

  /** The caller heard part of the reply: the wait, if there is one, counts from now. */
  restart(atMs: number): void {
    this.#wait &&= { sinceMs: atMs, fillers: 0 };
  }

  stop(): void {
    this.#wait = undefined;
  }

  /** What to do now; `fillerAfterMs`: the time before the first filler. */
  due(atMs: number, fillerAfterMs: number): PromptName | 'timeout' | undefined {
    if (!this.#wait) return undefined;
    const { sinceMs, fillers } = this.#wait;
    if (atMs - sinceMs >= REPLY_TIMEOUT_MS) return 'timeout';
    if (atMs - sinceMs < fillerAfterMs + fillers * FILLER_AGAIN_MS) return undefined;
    this.#wait = { sinceMs, fillers: fillers + 1 };
    return fillers % 2 === 0 ? 'filler-1' : 'filler-2';
  }
}
