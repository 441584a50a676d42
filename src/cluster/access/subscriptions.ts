import type { Log } from '../../log.ts';
import type { RedisClient } from '../redis-connection.ts';
import { RedisOutage } from '../redis-outage.ts';

/** A channel that this machine listens to. */
interface Followed {
  readonly receive: (message: string) => void;
  readonly connected: () => void;
}

/** What other machines publish. It has a connection of its own: one that has subscribed takes no other commands. */
export class Subscriptions {
  readonly #client: RedisClient;
  readonly outage: RedisOutage;
  readonly #log: Log;
  readonly #followed = new Map<string, Followed>();
  /** The channels of the present connection. */
  readonly #subscribed = new Set<string>();

  constructor(client: RedisClient, log: Log) {
    this.outage = new RedisOutage('messages of other machines', log);
    this.#client = client;
    this.#log = log;
    client.on('message', (channel: string, message: string) => this.#receive(channel, message));
    client.on('ready', () => {
      this.#subscribed.clear();
      this.#subscribe();
    });
  }

  /** `connected`: called whenever messages arrive from now on, and some before may have been lost. */
  follow(channel: string, receive: (message: string) => void, connected: () => void): void {
    this.#followed.set(channel, { receive, connected });
    this.#subscribe();
  }

  /** Notices a silent connection, and subscribes to what is missing. Call it every second. */
  beat(): void {
    if (this.#client.status !== 'ready') return;
    this.#subscribe();
    this.#client.ping().then(
      () => this.outage.worked(),
      (error: unknown) => this.outage.failed(error),
    );
  }

  #subscribe(): void {
    if (this.#client.status !== 'ready') return;
    for (const [channel, { connected }] of this.#followed) {
      if (this.#subscribed.has(channel)) continue;
      this.#subscribed.add(channel);
      this.#client.subscribe(channel).then(connected, (error: unknown) => {
        this.#subscribed.delete(channel);
        this.outage.failed(error);
      });
    }
  }

  #receive(channel: string, message: string): void {
    try {
      this.#followed.get(channel)?.receive(message);
    } catch (error) {
      this.#log.error({ channel, err: error }, 'a message of another machine failed');
    }
  }
}
