import type {
  CallDirectory,
  CallTask,
  NumberedTask,
  TaskResult,
  TaskState,
} from '../../records/call-task.ts';
import type { RedisKeys } from '../keys.ts';
import type { RedisClient } from '../redis-connection.ts';
import { RedisScript } from '../redis-script.ts';

/** Tasks that wait for one directory, and those that were done there within the last day. */
export const MOST_TASKS = 10_000;
/** A directory that no machine has used for so long is forgotten: it gets no more tasks. */
const FORGOTTEN_AFTER_MS = 90 * 86_400_000;
/** In place of the machine of a directory that was forgotten. Machines have UUIDs. */
const FORGOTTEN = 'forgotten';
/** So long after it was done, a late copy of a task finds that, or that a later one came. Nothing comes after an erasure. */
const RESULT_KEPT_MS = { hold: 86_400_000, erase: 600_000 } as const;
/** A directory that Redis knows. */
export interface KnownDirectory extends CallDirectory {
  /** The time since a machine used it, by the clock of Redis; a running machine says so every five seconds. */
  readonly unusedMs: number;
  /** As Redis has it. */
  readonly entry: string;
}

/** Number, state, and the task while it waits, or its kind and when it was done. */
const ENTRY = /^(\d+) (waiting|done|incomplete|held)(?: (.*))?$/su;
const RESULT = /^\d+ (?:done|incomplete|held) (hold|erase) (\d+)$/u;
const DIRECTORY = /^(\d+) (\S+) (.*)$/su;

const NOW = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** KEYS: directories. ARGV: id, machine, name. Returns the time and all directories. */
const REGISTER = new RedisScript(`${NOW}
  redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now) .. ' ' .. ARGV[2] .. ' ' .. ARGV[3])
  return {string.format('%.0f', now), redis.call('HGETALL', KEYS[1])}`);

/** KEYS: directories. Returns the time and all directories. */
const LIST = new RedisScript(`${NOW}
  return {string.format('%.0f', now), redis.call('HGETALL', KEYS[1])}`);

/** KEYS: directories, the tasks of the directory. ARGV: id, name, the entry that was read. Returns 1, or 0 if a machine has used it since. */
const FORGET_DIRECTORY = new RedisScript(`${NOW}
  if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[3] then return 0 end
  redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now) .. ' ${FORGOTTEN} ' .. ARGV[2])
  redis.call('DEL', KEYS[2])
  return 1`);

/**
 * KEYS: the last number, the tasks of each directory. ARGV: call, number or '', task, most tasks. Returns the number. Later tasks about
 * the same call stay, and so does an erasure that waits.
 */
const PLACE = new RedisScript(`${NOW}
  local ERASE = '{"kind":"erase"'
  local number = ARGV[2]
  if number == '' then
    number = string.format('%.0f', math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0') + 1))
    redis.call('SET', KEYS[1], number)
  end
  for each = 2, #KEYS do
    local before = redis.call('HGET', KEYS[each], ARGV[1])
    local earlier = before and tonumber(string.match(before, '^%d+'))
    local isErased = before and not string.find(ARGV[3], ERASE, 1, true) and string.find(before, ' waiting ' .. ERASE, 1, true)
    local isLast = isErased or earlier and earlier >= tonumber(number)
    if not isLast and (before or redis.call('HLEN', KEYS[each]) < tonumber(ARGV[4])) then
      redis.call('HSET', KEYS[each], ARGV[1], number .. ' waiting ' .. ARGV[3])
    end
  end
  return number`);

/** KEYS: the tasks of a directory. ARGV: call, number, result, kind. */
const COMPLETE = new RedisScript(`${NOW}
  local before = redis.call('HGET', KEYS[1], ARGV[1])
  if not before or string.match(before, '^%d+') ~= ARGV[2] then return 0 end
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3] .. ' ' .. ARGV[4] .. ' ' .. string.format('%.0f', now))
  return 1`);

/** KEYS: the tasks of a directory. ARGV: call, entry. */
const FORGET = new RedisScript(`
  if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
  return redis.call('HDEL', KEYS[1], ARGV[1])`);

/**
 * Tasks for the directories of all machines, in Redis: a machine that is away finds them when it is back. Numbers and times are those of
 * Redis, so the clocks of machines do not matter. All methods reject if Redis does not answer.
 */
export class RedisTasks {
  readonly #client: RedisClient;
  readonly #keys: RedisKeys;

  constructor(client: RedisClient, keys: RedisKeys) {
    this.#client = client;
    this.#keys = keys;
  }

  /** Shows that a machine uses a directory. */
  async register({ id, machine, name }: CallDirectory): Promise<void> {
    await REGISTER.run(this.#client, [this.#directories], [id, machine, name]);
  }

  /** All directories that machines have used in the last 90 days, and that were not forgotten. */
  async directories(): Promise<KnownDirectory[]> {
    const found: KnownDirectory[] = [];
    for (const directory of await this.#all()) {
      if (directory.machine === FORGOTTEN) continue;
      if (directory.unusedMs <= FORGOTTEN_AFTER_MS) found.push(directory);
      else await this.forget(directory);
    }
    return found;
  }

  /** The ids of directories that are known to be forgotten. One that a machine uses again is none of them. */
  async forgotten(): Promise<ReadonlySet<string>> {
    const all = await this.#all();
    return new Set(all.filter(({ machine }) => machine === FORGOTTEN).map(({ id }) => id));
  }

  /**
   * Nothing is asked of a directory any more, and what waits for it is dropped, until a machine uses it again. False: a machine has
   * used it since it was read.
   */
  async forget({ id, name, entry }: KnownDirectory): Promise<boolean> {
    const keys = [this.#directories, this.#of(id)];
    return (await FORGET_DIRECTORY.run(this.#client, keys, [id, name, entry])) === 1;
  }

  /** Places a task for directories. `number`: of a task that was placed before. Returns its number. */
  async place(
    { callSid, task, number = '' }: { callSid: string; task: CallTask; number?: string | undefined },
    directories: readonly string[],
  ): Promise<string> {
    const keys = [this.#key('number'), ...directories.map((id) => this.#of(id))];
    return String(await PLACE.run(this.#client, keys, [callSid, number, JSON.stringify(task), MOST_TASKS]));
  }

  /** The tasks that wait for a directory, in the order of their numbers. Removes old results. */
  async waiting(directory: string): Promise<NumberedTask[]> {
    const [now] = await this.#client.time();
    const found: NumberedTask[] = [];
    for (const [callSid, entry] of Object.entries(await this.#client.hgetall(this.#of(directory)))) {
      const { number, state, task } = readEntry(entry);
      if (state === 'waiting' && task) found.push({ callSid, number, task });
      else if (isOldResult(entry, Number(now) * 1_000))
        await FORGET.run(this.#client, [this.#of(directory)], [callSid, entry]);
    }
    return found.sort((one, other) => Number(one.number) - Number(other.number));
  }

  async complete(
    directory: string,
    { callSid, number, task }: NumberedTask,
    result: TaskResult,
  ): Promise<void> {
    await COMPLETE.run(this.#client, [this.#of(directory)], [callSid, number, result, task.kind]);
  }

  /** What became of a task in a directory. */
  async stateOf(directory: string, { callSid, number }: NumberedTask): Promise<TaskState> {
    const entry = await this.#client.hget(this.#of(directory), callSid);
    if (entry === null) return 'absent';
    const found = readEntry(entry);
    if (found.number === number) return found.state;
    const isErased = found.state === 'waiting' && found.task?.kind === 'erase';
    return isErased || Number(found.number) > Number(number) ? 'superseded' : 'absent';
  }

  async #all(): Promise<KnownDirectory[]> {
    const [now, entries] = (await LIST.run(this.#client, [this.#directories], [])) as [string, string[]];
    const found: KnownDirectory[] = [];
    for (let each = 0; each < entries.length; each += 2) {
      const [id, entry] = [entries[each]!, entries[each + 1]!];
      const [, seenMs, machine, name] = DIRECTORY.exec(entry) ?? [];
      if (machine === undefined || name === undefined) continue;
      found.push({ id, machine, name, entry, unusedMs: Number(now) - Number(seenMs) });
    }
    return found;
  }

  get #directories(): string {
    return this.#key('directories');
  }

  #of(directory: string): string {
    return this.#key('of', directory);
  }

  /** One hash slot for all, because one script writes the tasks of all directories. */
  #key(...parts: readonly string[]): string {
    return this.#keys.of('{tasks}', ...parts);
  }
}

function isOldResult(entry: string, atMs: number): boolean {
  const [, kind, doneMs] = RESULT.exec(entry) ?? [];
  return kind !== undefined && atMs - Number(doneMs) > RESULT_KEPT_MS[kind as CallTask['kind']];
}

/** An entry that is not readable counts as one that a later version has written: it is left alone. */
function readEntry(entry: string): {
  number: string;
  state: 'waiting' | TaskResult;
  task: CallTask | undefined;
} {
  const [, number = String(Number.MAX_SAFE_INTEGER), state = 'done', text] = ENTRY.exec(entry) ?? [];
  return {
    number,
    state: state as 'waiting' | TaskResult,
    task: text === undefined ? undefined : taskIn(text),
  };
}

function taskIn(text: string): CallTask | undefined {
  try {
    return JSON.parse(text) as CallTask;
  } catch {
    return undefined;
  }
}
