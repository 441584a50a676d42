type Hash = Map<string, string>;
type Script = (redis: MemoryRedis, key: string, args: readonly string[]) => number;

/**
 * The commands and scripts of Redis that claims of calls and the directory of machines use, in memory. Each one is a step of its own, as in
 * Redis. A script that is not known is an error; `test/bench/cluster/memory-redis.external.test.ts` compares all of them with a real server.
 */
export class MemoryRedis {
  readonly #hashes = new Map<string, Hash>();
  readonly #sets = new Map<string, Set<string>>();
  readonly nowUs: () => number;

  /** `nowUs`: the time in µs. */
  constructor(nowUs: () => number) {
    this.nowUs = nowUs;
  }

  /** A restart without data. */
  flush(): void {
    this.#hashes.clear();
    this.#sets.clear();
  }

  /** A command by its name in the client. */
  run(name: string, args: readonly unknown[]): unknown {
    const [key = '', ...rest] = args.map(String);
    if (name === 'hget') return this.hget(key, rest[0]!);
    if (name === 'hset') return this.hset(key, ...rest);
    if (name === 'hgetall') return this.hgetall(key);
    if (name === 'hdel') return this.hdel(key, rest[0]!);
    if (name === 'sadd') return this.sadd(key, rest[0]!);
    if (name === 'srem') return this.srem(key, rest[0]!);
    if (name === 'smembers') return this.smembers(key);
    // The script and the number of its keys come first.
    if (name === 'eval') return this.eval(key, rest[1]!, rest.slice(1 + Number(rest[0])));
    throw new Error(`the double of Redis does not know ${name}`);
  }

  hget(key: string, field: string): string | undefined {
    return this.#hashes.get(key)?.get(field);
  }

  hset(key: string, ...pairs: readonly (string | number)[]): number {
    const hash = this.#hashes.get(key) ?? new Map<string, string>();
    this.#hashes.set(key, hash);
    const before = hash.size;
    for (let at = 0; at < pairs.length; at += 2) hash.set(String(pairs[at]), String(pairs[at + 1]));
    return hash.size - before;
  }

  hgetall(key: string): Record<string, string> {
    return Object.fromEntries(this.#hashes.get(key) ?? []);
  }

  hdel(key: string, field: string): number {
    return this.#hashes.get(key)?.delete(field) ? 1 : 0;
  }

  sadd(key: string, member: string): number {
    const set = this.#sets.get(key) ?? new Set<string>();
    this.#sets.set(key, set);
    const before = set.size;
    return set.add(member).size - before;
  }

  srem(key: string, member: string): number {
    return this.#sets.get(key)?.delete(member) ? 1 : 0;
  }

  smembers(key: string): string[] {
    return [...(this.#sets.get(key) ?? [])];
  }

  eval(text: string, key: string, args: readonly string[]): number {
    const name = text.replaceAll(/\s+/gu, ' ').trim();
    const script = SCRIPTS.find(({ begin }) => name.startsWith(begin));
    if (!script) throw new Error(`the double of Redis does not know this script: ${name}`);
    return script.run(this, key, args);
  }
}

const take: Script = (redis, key, [machine, owner, fence]) => {
  const current = redis.hget(key, 'fence') ?? '0';
  const isDone = redis.hget(key, 'done') !== undefined;
  if ((redis.hget(key, 'owner') ?? '') !== owner || current !== fence || isDone) return 0;
  const next = current === '0' ? redis.nowUs() : Number(current) + 1;
  redis.hset(key, 'owner', machine!, 'fence', next);
  return next;
};

const setIfOurs: Script = (redis, key, [fence, field, value]) => {
  if (redis.hget(key, 'fence') !== fence) return 0;
  redis.hset(key, field!, value!);
  return 1;
};

const done: Script = (redis, key, [fence]) => {
  if (redis.hget(key, 'fence') !== fence) return 0;
  redis.hset(key, 'done', '1');
  return 1;
};

const restore: Script = (redis, key, [machine, fence]) => {
  const current = redis.hget(key, 'fence');
  if (Number(current ?? 0) >= Number(fence)) return current === fence ? 1 : 0;
  redis.hset(key, 'owner', machine!, 'fence', fence!);
  return 2;
};

const restoreDone: Script = (redis, key, [machine, fence]) => {
  if (Number(redis.hget(key, 'fence') ?? 0) > Number(fence)) return 0;
  redis.hset(key, 'owner', machine!, 'fence', fence!, 'done', '1');
  return 1;
};

const IF_OURS = "if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return 0 end";

/** By the beginnings of their texts in `claim-scripts.ts`. */
const SCRIPTS: readonly { readonly begin: string; readonly run: Script }[] = [
  { begin: "local owner = redis.call('HGET', KEYS[1], 'owner') or ''", run: take },
  { begin: `${IF_OURS} redis.call('HSET', KEYS[1], 'done', '1')`, run: done },
  { begin: IF_OURS, run: setIfOurs },
  { begin: "local fence = redis.call('HGET', KEYS[1], 'fence') if fence and tonumber", run: restore },
  { begin: "if tonumber(redis.call('HGET', KEYS[1], 'fence')", run: restoreDone },
];
