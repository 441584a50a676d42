/** What is known of the sender of a login attempt: it logged in before, it has not failed recently, or it has. */
export type AttemptOrigin = 'known' | 'fresh' | 'failed';

/** How many password checks may wait when another one arrives: strangers leave places to the others. One takes about 0.4 s. */
const MAX_WAITING: Readonly<Record<AttemptOrigin, number>> = { known: 16, fresh: 8, failed: 4 };
/** After this time all waiting checks are done. */
export const BUSY_SECONDS = 8;

/** Runs one password check at a time, and refuses further ones when too many wait. */
export class PasswordQueue {
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  async run<T>(origin: AttemptOrigin, check: () => Promise<T>): Promise<T | 'busy'> {
    if (this.#waiting >= MAX_WAITING[origin]) return 'busy';
    this.#waiting += 1;
    const checked = this.#last.then(check);
    this.#last = checked.catch(() => undefined);
    try {
      return await checked;
    } finally {
      this.#waiting -= 1;
    }
  }
}
