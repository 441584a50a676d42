import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RedisJobs } from '../../src/cluster/jobs/redis-jobs.ts';
import { openCluster } from '../../src/cluster/open-cluster.ts';
import { openRedis } from '../../src/cluster/redis-connection.ts';
import { SessionStore } from '../../src/http/auth/session-store.ts';
import { redisAddress } from '../../src/settings/addresses/redis-address.ts';
import { sidOf } from '../support/catalogued-calls.ts';
import { comesTrue, HANG_MS } from '../support/comes-true.ts';
import { keptLog } from '../support/kept-log.ts';
import { ownFolder } from '../support/own-folder.ts';
import { PASSWORD, sessionPromises } from './access.ts';
import { finalizationJobPromises, PAUSE_SCALE } from './finalization-jobs.ts';
import { streamTicketPromises } from './stream-tickets.ts';
import { workLeasePromises } from './work-leases.ts';

interface OpenedJobs {
  readonly jobs: RedisJobs;
  close(): Promise<void>;
}

/** One machine, with everything that it has in Redis. */
export class RedisMachine {
  readonly log = keptLog();
  readonly cluster;
  readonly sessions: SessionStore;
  readonly disk = ownFolder();
  readonly #address;

  constructor(url: string, name: string) {
    this.#address = redisAddress.schema.parse(url);
    const temporary = path.join(this.disk.path, 'temporary');
    mkdirSync(temporary);
    this.cluster = openCluster({ address: this.#address, prefix: 'kinds', name }, temporary, this.log.log);
    this.sessions = new SessionStore(PASSWORD, 2 ** 8, this.cluster.access.sessions);
  }

  async start(): Promise<void> {
    expect(await this.cluster.isReachable()).toBe(true);
    await Promise.all([this.sessions.ready, this.cluster.machines.replication.start()]);
    await this.beat();
  }

  beat(): Promise<void> {
    return this.cluster.machines.directory.beat(performance.now());
  }

  async jobs(prefix: string): Promise<OpenedJobs> {
    const client = openRedis(this.#address, this.log.log);
    await comesTrue('jobs can be added', () => client.status === 'ready');
    const cluster = { address: this.#address, prefix };
    const jobs = new RedisJobs({ client, cluster, log: this.log.log, pauseScale: PAUSE_SCALE });
    const close = (): Promise<void> => jobs.stop(0).finally(() => client.disconnect());
    return { jobs, close };
  }

  /** Begins to replicate a journal with this content. */
  begins(callSid: string, fence: number, bytes: Buffer): string {
    const file = path.join(this.disk.path, callSid);
    writeFileSync(file, bytes);
    this.cluster.machines.replication.begins({ callSid, path: file, fence, offset: 0 });
    return file;
  }

  async append(file: string, bytes: Buffer): Promise<void> {
    appendFileSync(file, bytes);
    this.cluster.machines.replication.wrote();
    expect(await this.cluster.machines.replication.replicated(path.basename(file), HANG_MS)).toBe(true);
  }

  /** The journal as another machine would get it. */
  async downloaded(callSid: string): Promise<Buffer> {
    const to = path.join(this.disk.path, `${callSid}.downloaded`);
    expect(await this.cluster.machines.journals.download(callSid, to)).toBe('complete');
    return readFileSync(to);
  }

  async close(): Promise<void> {
    await this.cluster.machines.replication.stop();
    this.cluster.close();
    this.disk[Symbol.dispose]();
  }
}

/** What two machines share, on whatever kind of Redis. */
export function redisMachinePromises(urlOf: () => string): () => { a: RedisMachine; b: RedisMachine } {
  let a: RedisMachine;
  let b: RedisMachine;
  beforeAll(async () => {
    [a, b] = [new RedisMachine(urlOf(), 'A'), new RedisMachine(urlOf(), 'B')];
    await Promise.all([a.start(), b.start()]);
    await a.beat();
  });
  afterAll(async () => {
    await Promise.all([a, b].map((machine) => machine.close()));
  });

  describe('tickets', () =>
    streamTicketPromises(() => ({
      webhook: a.cluster.tickets.telephone,
      stream: b.cluster.tickets.telephone,
    })));

  describe('sessions', () => sessionPromises(() => ({ a: a.sessions, b: b.sessions }), Date.now()));

  describe('leases', () =>
    workLeasePromises(() => {
      const [one, other] = [a, b].map(({ cluster }) => cluster.machines.work.leases);
      return { one: one!, other: other! };
    }));

  describe('jobs', () => {
    let tests = 0;
    let opened: OpenedJobs[];
    beforeEach(async () => {
      tests += 1;
      opened = await Promise.all([a, b].map((machine) => machine.jobs(`jobs${tests}`)));
    });
    afterEach(async () => {
      await Promise.all(opened.map((one) => one.close()));
    });
    finalizationJobPromises(() => {
      const [adds, executes] = opened.map(({ jobs }) => jobs);
      return { adds: adds!, executes: executes!, look: () => executes!.look() };
    });
  });

  test('machines know each other and get messages', async () => {
    expect(a.cluster.machines.directory.others.map(({ name }) => name)).toEqual(['B']);
    const got: string[] = [];
    b.cluster.machines.messages.received.subscribe((_from, bytes) => got.push(bytes.toString()));
    const { id } = b.cluster.machines.directory.own;
    await comesTrue('it is received', async () => {
      await a.cluster.machines.messages.send(id, Buffer.from('hello'));
      return got.includes('hello');
    });
  });

  test('calls of several hash slots change hands with their journals', async () => {
    for (const callSid of [1, 2, 3, 4, 5].map(sidOf)) {
      const fence = (await a.cluster.machines.claims.take(callSid, undefined))!;
      const file = a.begins(callSid, fence, Buffer.from(`${callSid} begins, `));
      await a.append(file, Buffer.from('goes on'));
      const claim = await b.cluster.machines.claims.read(callSid);
      expect(await b.cluster.machines.claims.take(callSid, claim)).toBeGreaterThan(fence);
      expect((await b.downloaded(callSid)).toString()).toBe(`${callSid} begins, goes on`);
      expect(await b.cluster.machines.claims.isOurs(callSid)).toBe(true);
      expect(await a.cluster.machines.claims.isOurs(callSid)).toBe(false);
      await b.cluster.machines.claims.done(callSid);
    }
  });

  test('tasks are placed for many directories at once', async () => {
    const { tasks } = a.cluster.machines.work;
    const directories = ['one', 'two', 'three', 'four'];
    const task = { callSid: sidOf(9), task: { kind: 'erase' } } as const;
    const number = await tasks.place(task, directories);
    for (const directory of directories)
      expect(await b.cluster.machines.work.tasks.waiting(directory)).toEqual([{ ...task, number }]);
    await tasks.complete('one', { ...task, number }, 'done');
    expect(await tasks.stateOf('one', { ...task, number })).toBe('done');
  });

  return () => ({ a, b });
}
