/** The address of a database cannot be used. The message never contains the password. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

/** The parts of an address like `postgres://user:password@host:5432/name?option=value`. */
export interface ServerAddress {
  readonly host: string;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly database: string;
  readonly options: AddressOptions;
}

export function serverAddress(url: string): ServerAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || parsed.pathname.length < 2)
    throw new AddressError(
      'The catalogue’s URL must name a server and a database, as in postgres://user:password@host:5432/offhook.',
    );
  return {
    host: decoded(parsed.hostname.replace(/^\[(.*)\]$/, '$1')),
    port: parsed.port === '' ? undefined : Number(parsed.port),
    user: decoded(parsed.username) || undefined,
    password: decoded(parsed.password) || undefined,
    database: decoded(parsed.pathname.slice(1)),
    options: new AddressOptions(parsed.searchParams),
  };
}

/** The options after the `?` of an address. Each must be taken: one without effect could be a demand. */
export class AddressOptions {
  readonly #left: Map<string, string>;
  readonly #known: string[] = [];

  constructor(options: Iterable<[string, string]>) {
    this.#left = new Map(options);
  }

  /** The value of the first of these names that is there. */
  take(...names: readonly string[]): string | undefined {
    this.#known.push(names[0]!);
    const values = names.map((name) => this.#left.get(name));
    for (const name of names) this.#left.delete(name);
    return values.find((value) => value !== undefined);
  }

  /** The entry of `choices` that the option names, whatever its case. */
  choose<T>(choices: Readonly<Record<string, T>>, ...names: readonly string[]): T | undefined {
    const value = this.take(...names);
    if (value === undefined) return undefined;
    const chosen = Object.entries(choices).find(
      ([name]) => name === value.toLowerCase().replaceAll('_', '-'),
    );
    if (chosen) return chosen[1];
    throw this.error(`${names[0]}=${value} is not known; it may be ${Object.keys(choices).join(', ')}.`);
  }

  /** Throws if an option was not taken. */
  end(): void {
    const [unknown] = this.#left.keys();
    if (unknown === undefined) return;
    throw this.error(`"${unknown}" is not an option of this address; known are ${this.#known.join(', ')}.`);
  }

  error(sentence: string): AddressError {
    return new AddressError(`DATABASE_URL: ${sentence}`);
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
