import { LRUCache } from 'lru-cache';
import { createHash, randomBytes } from 'node:crypto';
import type { CallIdentity } from '../../call/call-options.ts';

/**
 * One-time tokens that a webhook's answer gives to the media stream of its call: valid once, for one call, for one minute. A token
 * shown for another call becomes invalid, too.
 */
export interface StreamTicketStore {
  /** A token for the next stream of this call. A promise resolves within a bounded time and never rejects. */
  issue(identity: CallIdentity, atMs: number): string | Promise<string>;
  /** The parties of the call; undefined if the token does not admit its stream. A promise resolves as above. */
  redeem(
    token: string | undefined,
    callSid: string,
    atMs: number,
  ): CallIdentity | undefined | Promise<CallIdentity | undefined>;
}

interface IssuedTicket {
  readonly identity: CallIdentity;
  readonly expiresAtMs: number;
}

/** A stream follows its webhook within a second or two; a minute allows for slow carriers. */
export const TICKET_LIFETIME_MS = 60_000;
/** 160 calls per second for one minute. Beyond that the oldest tokens become invalid. */
const MAX_TICKETS = 10_000;

/**
 * The tickets of one process, in memory. Tokens are stored and looked up by their SHA-256 digest, so neither a memory dump nor the
 * lookup time reveals one.
 */
export class EmbeddedTickets implements StreamTicketStore {
  readonly #issued: LRUCache<string, IssuedTicket>;

  constructor(max = MAX_TICKETS) {
    this.#issued = new LRUCache({ max });
  }

  issue(identity: CallIdentity, atMs: number): string {
    const token = randomBytes(24).toString('base64url');
    this.#issued.set(ticketDigest(token), { identity, expiresAtMs: atMs + TICKET_LIFETIME_MS });
    return token;
  }

  redeem(token: string | undefined, callSid: string, atMs: number): CallIdentity | undefined {
    const digest = ticketDigest(token ?? '');
    const issued = this.#issued.get(digest);
    this.#issued.delete(digest);
    const admits = issued !== undefined && issued.expiresAtMs > atMs && issued.identity.callSid === callSid;
    return admits ? issued.identity : undefined;
  }
}

/** How a token is stored. */
export function ticketDigest(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
