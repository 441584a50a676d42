/**
 * The names of keys and channels in Redis. What belongs to one call has the CallSid in braces, so that a cluster keeps it on one node
 * and a script can change all of it.
 */
export class RedisKeys {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** A hash of a call: `owner`, the id of the machine that has it, and `fence`, how often the call has changed hands. */
  call(callSid: string): string {
    return `${this.#prefix}:{${callSid}}:call`;
  }

  /** A stream with the call's journal. */
  journal(callSid: string): string {
    return `${this.#prefix}:{${callSid}}:journal`;
  }

  /** Everything else, by its kind and name. */
  of(...parts: readonly string[]): string {
    return [this.#prefix, ...parts].join(':');
  }
}
