import type { CallIdentity } from '../../call/call-options.ts';
import type { Log } from '../../log.ts';
import {
  EmbeddedTickets,
  type StreamTicketStore,
  TICKET_LIFETIME_MS,
  ticketDigest,
} from '../../telephony/twilio/stream-tickets.ts';
import type { RedisKeys } from '../keys.ts';
import type { RedisClient } from '../redis-connection.ts';
import { RedisOutage } from '../redis-outage.ts';
import { RedisScript } from '../redis-script.ts';

/** What remains of a ticket that was redeemed: it differs from one that Redis has lost. */
const REDEEMED = '';
/**
 * Returns a ticket and marks it as redeemed. A Redis that is full refuses new values, but not before a script has written something: the
 * ticket is deleted first.
 */
const REDEEM = new RedisScript(`
local ticket = redis.call('GET', KEYS[1])
if not ticket then return false end
redis.call('DEL', KEYS[1])
redis.pcall('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ticket
`);

/** The kinds of streams: a ticket of one does not admit the other. */
export type TicketKind = 'telephone' | 'browser';

/**
 * Tickets in Redis: any machine redeems those of every other, each of them once. The machine that issued a ticket also keeps it in
 * memory, for a Redis that fails or has lost it; the stream of the call must then come to the same machine.
 */
export class RedisTickets implements StreamTicketStore {
  readonly outage: RedisOutage;
  readonly #client: RedisClient;
  readonly #keyOf: (token: string) => string;
  readonly #own = new EmbeddedTickets();

  constructor(client: RedisClient, keys: RedisKeys, kind: TicketKind, log: Log) {
    this.outage = new RedisOutage(`tickets of ${kind} streams`, log);
    this.#client = client;
    this.#keyOf = (token) => keys.of('ticket', kind, ticketDigest(token));
  }

  async issue(identity: CallIdentity, atMs: number): Promise<string> {
    const token = this.#own.issue(identity, atMs);
    try {
      await this.#client.set(this.#keyOf(token), ticketText(identity), 'PX', TICKET_LIFETIME_MS);
      this.outage.worked();
    } catch (error) {
      this.outage.failed(error);
    }
    return token;
  }

  async redeem(token: string | undefined, callSid: string, atMs: number): Promise<CallIdentity | undefined> {
    if (token === undefined) return undefined;
    const own = this.#own.redeem(token, callSid, atMs);
    try {
      const key = this.#keyOf(token);
      const found = await REDEEM.run(this.#client, [key], [REDEEMED, TICKET_LIFETIME_MS]);
      this.outage.worked();
      if (typeof found !== 'string') return own;
      const identity = ticketIdentity(found);
      return identity?.callSid === callSid ? identity : undefined;
    } catch (error) {
      this.outage.failed(error);
      return own;
    }
  }
}

function ticketText({ callSid, from, to }: CallIdentity): string {
  return JSON.stringify([callSid, from, to]);
}

/** Undefined if the ticket was redeemed, or is not one of ours. */
function ticketIdentity(text: string): CallIdentity | undefined {
  if (text === REDEEMED) return undefined;
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(fields)) return undefined;
  const [callSid, from, to] = fields as unknown[];
  const complete = typeof callSid === 'string' && typeof from === 'string' && typeof to === 'string';
  return complete ? { callSid, from, to } : undefined;
}
