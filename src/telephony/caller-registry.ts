import { LRUCache } from 'lru-cache';
import type { CallIdentity } from '../call/call-options.ts';

/** Well above the number of calls that may still get a stream. */
const MAX_CALLS = 5_000;
const UNKNOWN = 'unknown';

/** Remembers caller and called number from the webhook: a stream's `start` contains only the CallSid. */
export class CallerRegistry {
  readonly #identities = new LRUCache<string, CallIdentity>({ max: MAX_CALLS });

  remember(identity: CallIdentity): void {
    const known = this.#identities.get(identity.callSid);
    this.#identities.set(identity.callSid, identity.from === UNKNOWN && known ? known : identity);
  }

  knows(callSid: string): boolean {
    return this.#identities.has(callSid);
  }

  identityOf(callSid: string): CallIdentity {
    return this.#identities.get(callSid) ?? { callSid, from: UNKNOWN, to: UNKNOWN };
  }
}
