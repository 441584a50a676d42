import { Topic } from '../../events/topic.ts';
import type { RedisKeys } from '../keys.ts';
import type { RedisClient } from '../redis-connection.ts';

/** How often a machine shows that it is alive. */
export const BEAT_EVERY_MS = 1_000;
/** A machine that has not shown that for five beats is gone. Half a beat less, so that timers that are a little early or late change nothing. */
const GONE_AFTER_MS = 4.5 * BEAT_EVERY_MS;
/** After this time without a beat, others may have taken the calls of this machine. */
const SILENT_AFTER_MS = GONE_AFTER_MS - BEAT_EVERY_MS / 2;
/** A machine without an entry has left after this time. */
const LEFT_AFTER_MS = 3_000;
/** After a longer time without an answer of Redis, all machines get new time to show that they are alive. */
const UNWATCHED_MS = 2_500;

/** A machine with calls, as the others know it. */
export interface Machine {
  readonly id: string;
  /** For people. */
  readonly name: string;
}

interface Watched extends Machine {
  beat: string;
  changedAtMs: number;
  isGone: boolean;
  /** Since when it has no entry. */
  absentSinceMs: number | undefined;
}

/**
 * The machines of the system. Each one counts its beats in a hash of Redis, and each one watches with its own clock whether the
 * others' numbers grow, so clocks that differ and a server that sets its clock change nothing.
 */
export class MachineDirectory {
  /** A machine has ended without a word. Published once for each. */
  readonly gone: Topic<[machine: Machine]>;
  /** Redis has lost what it knew, or this machine was silent for so long that others may have taken its calls. */
  readonly unsure: Topic<[]>;
  readonly #redis: RedisClient;
  readonly #key: string;
  /** This machine. */
  readonly own: Machine;
  readonly #watched = new Map<string, Watched>();
  #beats = 0;
  #answeredAtMs: number | undefined;

  constructor(redis: RedisClient, keys: RedisKeys, own: Machine, failed: (error: unknown) => void) {
    this.#redis = redis;
    this.#key = keys.of('machines');
    this.own = own;
    this.gone = new Topic(failed);
    this.unsure = new Topic(failed);
  }

  /** The other machines that are alive. */
  get others(): readonly Machine[] {
    return [...this.#watched.values()].filter(({ isGone }) => !isGone);
  }

  /** Whether a machine is alive, as far as is known. */
  isAlive(id: string): boolean {
    return id === this.own.id || this.#watched.get(id)?.isGone === false;
  }

  /**
   * Another machine that is alive, as far as is known. One that was not seen yet may have started a moment ago, or this machine has not looked yet:
   * Redis is asked. Rejects if it does not answer.
   */
  async find(id: string): Promise<Machine | undefined> {
    if (id === this.own.id) return undefined;
    const known = this.#watched.get(id);
    if (known) return known.isGone ? undefined : known;
    const entry = await this.#redis.hget(this.#key, id);
    return entry ? { id, name: nameIn(entry) } : undefined;
  }

  /** When Redis answered last, on the clock of `beat`. */
  get answeredAtMs(): number | undefined {
    return this.#answeredAtMs;
  }

  /**
   * Shows that this machine is alive, and looks at the others. Call it every `BEAT_EVERY_MS`. `atMs`: a clock that is never set.
   * Rejects if Redis does not answer.
   */
  async beat(atMs: number): Promise<void> {
    const { id, name } = this.own;
    const beats = (this.#beats += 1);
    const isNew = await this.#redis.hset(this.#key, id, `${beats} ${name}`);
    const entries = await this.#redis.hgetall(this.#key);
    const wasSilent = this.#answeredAtMs !== undefined && atMs - this.#answeredAtMs >= SILENT_AFTER_MS;
    this.#look(entries, atMs);
    if (beats > 1 && (isNew === 1 || wasSilent)) this.unsure.publish();
  }

  /** This machine ends: it has no calls any more. */
  async leave(): Promise<void> {
    await this.#redis.hdel(this.#key, this.own.id);
  }

  /** A machine that is gone has no calls any more. */
  async strike(id: string): Promise<void> {
    await this.#redis.hdel(this.#key, id);
    if (this.#watched.get(id)?.isGone) this.#watched.delete(id);
  }

  #look(entries: Readonly<Record<string, string>>, atMs: number): void {
    const wasUnwatched = this.#answeredAtMs !== undefined && atMs - this.#answeredAtMs > UNWATCHED_MS;
    this.#answeredAtMs = atMs;
    for (const [id, entry] of Object.entries(entries)) if (id !== this.own.id) this.#see(id, entry, atMs);
    for (const machine of this.#watched.values()) {
      if (wasUnwatched) machine.changedAtMs = atMs;
      // A machine that leaves strikes itself out; one whose entry Redis has lost writes it again with its next beat.
      if (machine.id in entries) machine.absentSinceMs = undefined;
      else machine.absentSinceMs ??= atMs;
      const hasLeft = atMs - (machine.absentSinceMs ?? atMs) > LEFT_AFTER_MS;
      if (hasLeft) this.#watched.delete(machine.id);
      else if (!machine.isGone && atMs - machine.changedAtMs > GONE_AFTER_MS) {
        machine.isGone = true;
        this.gone.publish(machine);
      }
    }
  }

  #see(id: string, entry: string, atMs: number): void {
    const [beat = ''] = entry.split(' ');
    const known = this.#watched.get(id);
    if (known?.beat === beat) return;
    this.#watched.set(id, {
      id,
      name: nameIn(entry),
      beat,
      changedAtMs: atMs,
      isGone: false,
      absentSinceMs: undefined,
    });
  }
}

/** An entry is the number of beats and the name. */
function nameIn(entry: string): string {
  return entry.slice(entry.indexOf(' ') + 1);
}
