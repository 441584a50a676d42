import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

interface Issued {
  readonly digest: Buffer;
  readonly callSid: string;
  readonly expiresAtMs: number;
}

/** A stream follows its webhook within a second or two; a minute is room for a slow carrier. */
const LIFETIME_MS = 60_000;
/** 160 calls a second for a whole minute; whoever asks for more loses the oldest ones, not the memory. */
const MOST_TOKENS = 10_000;

/**
 * What a webhook's answer gives to the stream it asks for: good once, for one call, for a minute. Only digests are
 * kept, so that neither a dump of the memory nor the time of a comparison tells a token.
 */
export class StreamTokens {
  /** Oldest first. */
  readonly #issued = new Set<Issued>();
  readonly #most: number;

  constructor(most = MOST_TOKENS) {
    this.#most = most;
  }

  issue(callSid: string, nowMs: number): string {
    const token = randomBytes(24).toString('base64url');
    this.#issued.add({ digest: digestOf(token), callSid, expiresAtMs: nowMs + LIFETIME_MS });
    this.#forget(nowMs);
    return token;
  }

  /** True at most once for each token, and only for its own call. A token shown for another call is spent too. */
  redeem(token: string | undefined, callSid: string, nowMs: number): boolean {
    this.#forget(nowMs);
    const digest = digestOf(token ?? '');
    let found: Issued | undefined;
    for (const each of this.#issued) if (timingSafeEqual(each.digest, digest)) found = each;
    if (found === undefined) return false;
    this.#issued.delete(found);
    return found.callSid === callSid;
  }

  #forget(nowMs: number): void {
    for (const each of this.#issued) {
      if (each.expiresAtMs > nowMs && this.#issued.size <= this.#most) return;
      this.#issued.delete(each);
    }
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
