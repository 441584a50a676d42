import type { CallIdentity } from '../call/call-options.ts';

/** Calls that may still get a stream, and a good deal more; the oldest are forgotten. */
const MOST_REMEMBERED = 5_000;
const UNKNOWN = 'unknown';

/** Who calls whom, as the webhook said it: a stream's `start` names the call alone. */
export class CallerRegistry {
  readonly #known = new Map<string, CallIdentity>();

  remember(identity: CallIdentity): void {
    const before = this.#known.get(identity.callSid);
    this.#known.delete(identity.callSid);
    this.#known.set(identity.callSid, identity.from === UNKNOWN && before ? before : identity);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST_REMEMBERED) return;
      this.#known.delete(oldest);
    }
  }

  identityOf(callSid: string): CallIdentity {
    return this.#known.get(callSid) ?? { callSid, from: UNKNOWN, to: UNKNOWN };
  }
}
