import { Topic } from '../../events/topic.ts';
import type { Log } from '../../log.ts';
import type { RedisKeys } from '../keys.ts';
import type { RedisClient } from '../redis-connection.ts';

const ID_BYTES = 36;

export interface MachineMessagesOptions {
  readonly publisher: RedisClient;
  /** A connection of its own: one that has subscribed takes no other commands. */
  readonly subscriber: RedisClient;
  readonly keys: RedisKeys;
  /** The id of this machine. */
  readonly machine: string;
  readonly log: Log;
}

/** Messages between machines, over Redis' channels. What is sent while a machine is not connected is lost. */
export class MachineMessages {
  readonly received: Topic<[from: string, message: Buffer]>;
  readonly #options: MachineMessagesOptions;

  constructor(options: MachineMessagesOptions) {
    this.#options = options;
    const { subscriber, log } = options;
    const failed = (error: unknown): void => log.error({ err: error }, 'a message of another machine failed');
    this.received = new Topic(failed);
    subscriber.on('messageBuffer', (_channel: Buffer, bytes: Buffer) => this.#take(bytes));
    // Also after each new connection.
    subscriber.on('ready', () => void this.#subscribe().catch(failed));
  }

  /** Resolves with the number of machines that have received it: 0 if that machine is not connected to Redis. */
  send(to: string, message: Uint8Array): Promise<number> {
    const { publisher, machine } = this.#options;
    return publisher.publish(this.#channel(to), Buffer.concat([Buffer.from(machine, 'latin1'), message]));
  }

  async #subscribe(): Promise<void> {
    await this.#options.subscriber.subscribe(this.#channel(this.#options.machine));
  }

  #take(bytes: Buffer): void {
    if (bytes.length <= ID_BYTES) return;
    this.received.publish(bytes.toString('latin1', 0, ID_BYTES), bytes.subarray(ID_BYTES));
  }

  #channel(machine: string): string {
    return this.#options.keys.of('to', machine);
  }
}
