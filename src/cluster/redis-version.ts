/** LPOS, which BullMQ's scripts use, came with 6.0.6, and 6.2 is what BullMQ is tested with. Valkey began with what Redis 7.2 has. */
export const LOWEST_VERSION = '6.2';

/** What a server says of itself. */
export interface RedisFacts {
  readonly product: 'Redis' | 'Valkey';
  readonly version: string;
  /** What it does if its memory is full. */
  readonly evictionPolicy: string | undefined;
  readonly usedBytes: number | undefined;
  /** Undefined: as much as the machine has. */
  readonly limitBytes: number | undefined;
  readonly hasAppendOnlyFile: boolean;
  readonly mode: string | undefined;
}

/** Reads the answer to INFO. */
export function redisFacts(info: string): RedisFacts {
  const fields = new Map(
    info.split(/\r?\n/u).map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1)] as const;
    }),
  );
  const valkey = fields.get('valkey_version');
  const limitBytes = Number(fields.get('maxmemory') ?? 0);
  const used = fields.get('used_memory');
  return {
    product: valkey === undefined ? 'Redis' : 'Valkey',
    version: valkey ?? fields.get('redis_version') ?? 'unknown',
    evictionPolicy: fields.get('maxmemory_policy'),
    usedBytes: used === undefined ? undefined : Number(used),
    limitBytes: limitBytes > 0 ? limitBytes : undefined,
    hasAppendOnlyFile: fields.get('aof_enabled') === '1',
    mode: fields.get('redis_mode'),
  };
}

/** A sentence if the server is too old; undefined if not, or if its version is not readable. */
export function versionProblem({ product, version }: RedisFacts): string | undefined {
  const [major = NaN, minor = 0] = version.split('.').map(Number);
  const [lowestMajor = 0, lowestMinor = 0] = LOWEST_VERSION.split('.').map(Number);
  const isTooOld = major < lowestMajor || (major === lowestMajor && minor < lowestMinor);
  if (product === 'Valkey' || !isTooOld) return undefined;
  return `Redis ${version} is too old: version ${LOWEST_VERSION} or later is needed, or Valkey`;
}

/** A sentence if the server deletes keys when its memory is full. */
export function evictionProblem({ evictionPolicy }: RedisFacts): string | undefined {
  if (evictionPolicy === undefined || evictionPolicy === 'noeviction') return undefined;
  return `it deletes keys when its memory is full (maxmemory-policy ${evictionPolicy}): journals and claims of live calls would be lost`;
}
