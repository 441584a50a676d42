import { deserialize, serialize } from 'node:v8';
import type { MachineMessages } from '../../cluster/machines/machine-messages.ts';
import type { ProcessEnd } from '../processes/process-channel.ts';

/** Our end of the connection to another machine: what `ProcessChannel` needs of one. */
export class MachineEnd implements ProcessEnd {
  readonly #messages: Pick<MachineMessages, 'send'>;
  readonly #machine: string;
  readonly #received: ((message: unknown, handle: unknown) => void)[] = [];
  readonly #disconnected: (() => void)[] = [];
  connected = true;

  /** `machine`: the id of the other one. */
  constructor(messages: Pick<MachineMessages, 'send'>, machine: string) {
    this.#messages = messages;
    this.#machine = machine;
  }

  send(message: object, _handle: unknown, _options: unknown, sent: (error: Error | null) => void): boolean {
    this.#messages.send(this.#machine, serialize(message)).then(
      (receivers) => sent(receivers === 0 ? new Error('the machine is not connected to Redis') : null),
      (error: unknown) => sent(error instanceof Error ? error : new Error(String(error))),
    );
    return true;
  }

  on(event: 'message' | 'disconnect', listener: (message: unknown, handle: unknown) => void): this {
    if (event === 'message') this.#received.push(listener);
    else this.#disconnected.push(() => listener(undefined, undefined));
    return this;
  }

  /** A message of the other machine has arrived. Throws if it cannot be read. */
  take(bytes: Uint8Array): void {
    const message: unknown = deserialize(bytes);
    for (const listener of this.#received) listener(message, undefined);
  }

  /** The other machine is gone. */
  end(): void {
    this.connected = false;
    for (const listener of this.#disconnected) listener();
  }
}
