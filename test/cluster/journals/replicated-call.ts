import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { JournalReplication } from '../../../src/cluster/journals/journal-replication.ts';
import { ReplicatedJournals } from '../../../src/cluster/journals/replicated-journals.ts';
import { RedisKeys } from '../../../src/cluster/keys.ts';
import { createLog } from '../../../src/log.ts';
import { redisAddress } from '../../../src/settings/addresses/redis-address.ts';
import { HANG_MS } from '../../support/comes-true.ts';
import { ownFolder } from '../../support/own-folder.ts';
import type { RedisServer } from '../../support/redis-server.ts';

export const PREFIX = 'test';
export const KEYS = new RedisKeys(PREFIX);

/** The id of a call of one test. */
export function callSidOf(number: number): string {
  return `CA${String(number).padStart(32, '0')}`;
}

/** Bytes that show whether some of them are missing, twice or those of another call. */
export function distinctBytes(length: number, seed: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; at += 1) bytes[at] = (at * 31 + seed * 17 + (at >> 8) * 7) & 0xff;
  return bytes;
}

/** Length and digest: two buffers of megabytes are not compared byte by byte. */
export function contentOf(...bytes: readonly Uint8Array[]): string {
  const all = Buffer.concat(bytes);
  return `${all.length} bytes, ${createHash('sha256').update(all).digest('hex')}`;
}

/** A machine that replicates journals of its own folder. */
export class Machine {
  readonly #folder = ownFolder();
  readonly #redis: RedisServer;
  readonly logged: string[] = [];
  readonly fenced: string[] = [];
  readonly replication: JournalReplication;
  readonly journals: ReplicatedJournals;

  private constructor(redis: RedisServer) {
    this.#redis = redis;
    const log = createLog({ level: 'info', destination: { write: (line) => void this.logged.push(line) } });
    const address = redisAddress.schema.parse(redis.url);
    this.replication = new JournalReplication({ cluster: { address, prefix: PREFIX }, log });
    this.replication.fenced.subscribe((callSid) => this.fenced.push(callSid));
    const temporary = path.join(this.#folder.path, 'temporary');
    mkdirSync(temporary);
    this.journals = new ReplicatedJournals({ client: redis.client, keys: KEYS, temporary });
  }

  static async started(redis: RedisServer): Promise<Machine> {
    const machine = new Machine(redis);
    await machine.replication.start();
    return machine;
  }

  get folder(): string {
    return this.#folder.path;
  }

  pathOf(callSid: string): string {
    return path.join(this.#folder.path, `${callSid}.journal`);
  }

  has(callSid: string): boolean {
    return existsSync(this.pathOf(callSid));
  }

  /** What a lease writes. */
  async lease(callSid: string, fence: number): Promise<void> {
    await this.#redis.client.hset(KEYS.call(callSid), { owner: 'machine', fence });
  }

  /** A new call of this machine, whose journal begins with these bytes. */
  async begin(callSid: string, bytes: Uint8Array = Buffer.alloc(0), fence = 1): Promise<void> {
    await this.lease(callSid, fence);
    writeFileSync(this.pathOf(callSid), bytes);
    this.replication.begins({ callSid, path: this.pathOf(callSid), fence, offset: 0 });
    this.replication.wrote();
  }

  append(callSid: string, bytes: Uint8Array): void {
    appendFileSync(this.pathOf(callSid), bytes);
    this.replication.wrote();
  }

  written(callSid: string): string {
    return contentOf(readFileSync(this.pathOf(callSid)));
  }

  replicated(callSid: string): Promise<boolean> {
    return this.replication.replicated(callSid, HANG_MS);
  }

  /** What another machine would read. */
  async downloaded(callSid: string): Promise<string> {
    const to = path.join(this.#folder.path, 'downloaded');
    if ((await this.journals.download(callSid, to)) === 'absent') return 'absent';
    const bytes = readFileSync(to);
    rmSync(to);
    return contentOf(bytes);
  }

  async end(): Promise<void> {
    await this.replication.stop();
    this.#folder[Symbol.dispose]();
  }
}
