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
  if (/^[a-z]+:\/\/[^/?#]*,/.test(url.replace(/:\/\/[^/?#]*@/, '://')))
    throw new AddressError('DATABASE_URL: several hosts are not supported; name one of them.');
  if (!parsed || parsed.pathname.length < 2)
    throw new AddressError(
      'The catalogue’s URL must name a server and a database, as in postgres://user:password@host:5432/offhook.',
    );
  if (/[;&]\w+=/.test(parsed.pathname))
    throw new AddressError('DATABASE_URL: options begin with "?" after the name of the database.');
  return {
    host: decoded(parsed.hostname.replace(/^\[(.*)\]$/, '$1')),
    port: parsed.port === '' ? undefined : Number(parsed.port),
    user: decoded(parsed.username) || undefined,
    password: decoded(parsed.password) || undefined,
    database: decoded(parsed.pathname.slice(1)),
    options: new AddressOptions(parsed.searchParams),
  };
}

interface Given {
  readonly name: string;
  readonly value: string;
}

/**
 * The options after the `?` of an address. Each must be taken or ignored by name: an unknown one could be a demand. Names differ in
 * case, hyphens and underscores between programs: `ssl-mode`, `sslMode` and `SSL_MODE` are one.
 */
export class AddressOptions {
  readonly #left = new Map<string, Given>();
  readonly #known: string[] = [];
  readonly #ignored: string[] = [];

  constructor(options: Iterable<[string, string]>) {
    for (const [name, value] of options) {
      const former = this.#left.get(keyOf(name));
      if (former && former.value !== value)
        throw this.error(`${former.name} and ${name} are one option with two values; write it once.`);
      this.#left.set(keyOf(name), { name, value });
    }
  }

  /** The names of options without an effect. */
  get ignored(): readonly string[] {
    return this.#ignored;
  }

  /** The value of the first of these names that is there; empty for an option without a value. */
  take(...names: readonly string[]): string | undefined {
    return this.#take(names)?.value;
  }

  /** The entry of `choices` that the option names, whatever its case. */
  choose<T>(choices: Readonly<Record<string, T>>, ...names: readonly string[]): T | undefined {
    const given = this.#take(names);
    if (given === undefined) return undefined;
    const word = given.value.toLowerCase().replaceAll('_', '-');
    const chosen = Object.entries(choices).find(([choice]) => choice === word);
    if (chosen) return chosen[1];
    const words = Object.keys(choices).filter((choice) => choice !== '');
    throw this.error(`${given.name}=${given.value} is not known; it may be ${words.join(', ')}.`);
  }

  /** Takes options that change nothing here, such as limits of a pool. */
  ignore(names: readonly string[]): void {
    for (const name of names) {
      const given = this.#left.get(keyOf(name));
      if (!given) continue;
      this.#left.delete(keyOf(name));
      this.#ignored.push(given.name);
    }
  }

  /** Throws if one of these is there: it means something that cannot be done here. By name, what to write instead. */
  refuse(instead: Readonly<Record<string, string>>): void {
    for (const [name, sentence] of Object.entries(instead)) {
      const given = this.#left.get(keyOf(name));
      if (given) throw this.error(`${given.name} is not supported; ${sentence}.`);
    }
  }

  /** Throws if an option was not taken. */
  end(): void {
    const [unknown] = this.#left.values();
    if (unknown === undefined) return;
    throw this.error(
      `"${unknown.name}" is not an option of this address; known are ${this.#known.join(', ')}.`,
    );
  }

  error(sentence: string): AddressError {
    return new AddressError(`DATABASE_URL: ${sentence}`);
  }

  #take(names: readonly string[]): Given | undefined {
    this.#known.push(names[0]!);
    const given = names.map((name) => this.#left.get(keyOf(name)));
    for (const name of names) this.#left.delete(keyOf(name));
    return given.find((one) => one !== undefined);
  }
}

function keyOf(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
