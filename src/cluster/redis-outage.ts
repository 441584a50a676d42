import type { Log } from '../log.ts';

/** What the client says of its own state, in words for operators. */
const CLIENT_WORDS: readonly (readonly [RegExp, string])[] = [
  [/isn't writeable|max retries per request|Connection is closed/u, 'there is no connection'],
  [/Command timed out/u, 'it does not answer in time'],
];

/** Whether Redis does what one part asks of it: a log line when that ends and when it works again, and a sentence for `/health`. */
export class RedisOutage {
  readonly #part: string;
  readonly #log: Log;
  #cause: string | undefined;
  #failures = 0;

  /** `part`: what Redis is used for, as a noun. */
  constructor(part: string, log: Log) {
    this.#part = part;
    this.#log = log;
  }

  get problem(): string | undefined {
    return this.#cause === undefined ? undefined : `Redis: ${this.#part}: ${this.#cause}`;
  }

  failed(error: unknown): void {
    this.#failures += 1;
    if (this.#cause === undefined)
      this.#log.error({ part: this.#part, err: error }, 'Redis fails; this machine goes on alone');
    this.#cause = causeOf(error);
  }

  worked(): void {
    if (this.#cause === undefined) return;
    this.#log.info({ part: this.#part, failures: this.#failures }, 'Redis works again');
    this.#cause = undefined;
    this.#failures = 0;
  }
}

function causeOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return CLIENT_WORDS.find(([pattern]) => pattern.test(message))?.[1] ?? message;
}
