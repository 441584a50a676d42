import { LRUCache } from 'lru-cache';
import { createHash, randomBytes } from 'node:crypto';

interface IssuedToken {
  readonly callSid: string;
  readonly expiresAtMs: number;
}

/** A stream follows its webhook within a second or two; a minute allows for slow carriers. */
const LIFETIME_MS = 60_000;
/** 160 calls per second for one minute. Beyond that the oldest tokens become invalid. */
const MAX_TOKENS = 10_000;

/**
 * One-time tokens that a webhook's answer gives to the media stream: valid once, for one call, for one minute. Tokens are
 * stored and looked up by their SHA-256 digest, so neither a memory dump nor the lookup time reveals one.
 */
export class StreamTokens {
  readonly #issued: LRUCache<string, IssuedToken>;

  constructor(max = MAX_TOKENS) {
    this.#issued = new LRUCache({ max });
  }

  issue(callSid: string, nowMs: number): string {
    const token = randomBytes(24).toString('base64url');
    this.#issued.set(digestOf(token), { callSid, expiresAtMs: nowMs + LIFETIME_MS });
    return token;
  }

  /** True at most once per token, and only for its own call. A token shown for another call becomes invalid, too. */
  redeem(token: string | undefined, callSid: string, nowMs: number): boolean {
    const digest = digestOf(token ?? '');
    const issued = this.#issued.get(digest);
    this.#issued.delete(digest);
    return issued !== undefined && issued.expiresAtMs > nowMs && issued.callSid === callSid;
  }
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
