import { randomUUID } from 'node:crypto';
import type { AttemptCounter, SharedAttempts } from '../../http/auth/shared-attempts.ts';
import type { Log } from '../../log.ts';
import type { RedisKeys } from '../keys.ts';
import type { RedisClient } from '../redis-connection.ts';
import { RedisOutage } from '../redis-outage.ts';
import type { Subscriptions } from './subscriptions.ts';

/** Attempts within this time after a message are sent together. */
const TOGETHER_MS = 100;
/** Addresses in one message. Attempts of further ones count at this machine alone. */
const MAX_ADDRESSES = 500;
/** A limiter allows less at once. */
const MAX_COUNT = 1_000;

/** Attempts of one address: the limiter, the address, how many, or 0 if earlier ones are forgiven. */
type Count = readonly [name: string, address: string, count: number];

/** Counts of attempts, which machines tell each other over a channel. Nothing is stored: each machine forgives them by its own clock. */
export class RedisAttempts implements SharedAttempts {
  readonly outage: RedisOutage;
  readonly #client: RedisClient;
  readonly #log: Log;
  readonly #channel: string;
  readonly #machine: string = randomUUID();
  readonly #counters = new Map<string, AttemptCounter>();
  readonly #waiting = new Map<string, Count>();
  #timer: NodeJS.Timeout | undefined;
  #untold = 0;

  constructor(client: RedisClient, keys: RedisKeys, subscriptions: Subscriptions, log: Log) {
    this.outage = new RedisOutage('failed attempts', log);
    this.#client = client;
    this.#log = log;
    this.#channel = keys.of('attempts');
    subscriptions.follow(
      this.#channel,
      (message) => this.#receive(message),
      () => undefined,
    );
  }

  join(name: string, counter: AttemptCounter): void {
    this.#counters.set(name, counter);
  }

  tell(name: string, address: string, count: number): void {
    const key = `${name} ${address}`;
    const [, , before = 0] = this.#waiting.get(key) ?? [];
    if (before === 0 && this.#waiting.size >= MAX_ADDRESSES) {
      this.#untold += 1;
      if (this.#untold === 1) this.#log.warn({}, 'too many addresses fail to tell other machines of all');
      return;
    }
    this.#waiting.set(key, [name, address, count === 0 ? 0 : Math.min(MAX_COUNT, before + count)]);
    if (this.#timer) return;
    this.#send();
    this.#timer = setInterval(() => this.#send(), TOGETHER_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #send(): void {
    if (this.#waiting.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    const message = JSON.stringify([this.#machine, ...this.#waiting.values()]);
    this.#waiting.clear();
    this.#client.publish(this.#channel, message).then(
      () => this.outage.worked(),
      (error: unknown) => this.outage.failed(error),
    );
  }

  /** None if this machine sent the message, or if it is not one of ours. */
  #countsIn(message: string): readonly unknown[] {
    try {
      const entries: unknown = JSON.parse(message);
      if (!Array.isArray(entries) || entries[0] === this.#machine) return [];
      return entries.slice(1, 1 + MAX_ADDRESSES);
    } catch {
      return [];
    }
  }

  #receive(message: string): void {
    for (const entry of this.#countsIn(message)) {
      if (!isCount(entry)) continue;
      const [name, address, count] = entry;
      this.#counters.get(name)?.heard(address, Math.min(MAX_COUNT, count));
    }
  }
}

function isCount(entry: unknown): entry is Count {
  if (!Array.isArray(entry)) return false;
  const [name, address, count] = entry as unknown[];
  return (
    typeof name === 'string' && typeof address === 'string' && Number.isInteger(count) && Number(count) >= 0
  );
}
