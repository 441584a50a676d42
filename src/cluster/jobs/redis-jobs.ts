import { type Job, Queue, Worker } from 'bullmq';
import { setTimeout } from 'node:timers/promises';
import type { Log } from '../../log.ts';
import {
  type FinalizationJob,
  type FinalizationJobs,
  type JobCounts,
  type JobExecutor,
  jobPauseMs,
} from '../../records/finalization/finalization-jobs.ts';
import { openWaitingRedis, type RedisClient } from '../redis-connection.ts';
import { RedisOutage } from '../redis-outage.ts';
import type { ClusterSettings } from '../../settings/addresses/redis-address.ts';

const QUEUE = 'finalization';
/** Jobs of one process at the same time: most of the time is spent waiting for services. */
const AT_ONCE = 8;
/** It is renewed twice in this time. */
const LOCK_MS = 10_000;
/** Pauses become longer up to an hour; the claim of the call ends a job after a month. */
const MOST_ATTEMPTS = 1_000_000;
/** After a stop has given its jobs up, BullMQ may report that to Redis for so long. */
const CLOSED_WITHIN_MS = 2_000;
/** BullMQ's reason for an incomplete job. */
const INCOMPLETE = 'texts are missing';
const UNKNOWN: JobCounts = { waiting: undefined, running: undefined, delayed: undefined };

export interface RedisJobsOptions {
  readonly client: RedisClient;
  readonly cluster: Pick<ClusterSettings, 'address' | 'prefix'>;
  readonly log: Log;
  /** Factor of all pauses, for tests. */
  readonly pauseScale?: number | undefined;
  /** A process that has not renewed the lock of a job for this long has lost the job. */
  readonly lockMs?: number | undefined;
}

/**
 * Jobs in Redis, by BullMQ. Any process of the system executes them. Those of a process that was killed, or hangs, are executed by another one after at
 * most 20 s: the lock of a job expires, and two checks of all processes notice it.
 */
export class RedisJobs implements FinalizationJobs {
  readonly outage: RedisOutage;
  readonly #options: RedisJobsOptions;
  readonly #queue: Queue<FinalizationJob>;
  /** By the names of the jobs that run here. */
  readonly #running = new Map<string, AbortController>();
  #worker: Worker<FinalizationJob> | undefined;
  #waiting: RedisClient | undefined;
  #counts = UNKNOWN;
  #isStopped = false;

  constructor(options: RedisJobsOptions) {
    const { client, cluster, log } = options;
    this.#options = options;
    this.outage = new RedisOutage('finalization jobs', log);
    this.#queue = new Queue(QUEUE, { connection: client, prefix: prefixOf(cluster), skipVersionCheck: true });
    this.#queue.on('error', () => undefined);
  }

  /** As of the last `look`, if Redis answered it. */
  get counts(): JobCounts {
    return this.#counts;
  }

  async add(job: FinalizationJob): Promise<void> {
    const { client } = this.#options;
    // BullMQ waits for the first connection without a limit.
    if (client.status !== 'ready') throw new Error('Connection is closed.');
    try {
      await this.#queue.add('finalize', job, {
        jobId: nameOf(job),
        attempts: MOST_ATTEMPTS,
        backoff: { type: 'custom' },
        removeOnComplete: true,
        stackTraceLimit: 1,
      });
      this.outage.worked();
    } catch (error) {
      this.outage.failed(error);
      throw error;
    }
  }

  start(executor: JobExecutor): void {
    const { cluster, log, pauseScale, lockMs = LOCK_MS } = this.#options;
    this.#waiting = openWaitingRedis(cluster.address);
    const worker = new Worker<FinalizationJob>(QUEUE, (job) => this.#execute(job, executor), {
      connection: this.#waiting,
      prefix: prefixOf(cluster),
      concurrency: AT_ONCE,
      lockDuration: lockMs,
      stalledInterval: lockMs / 2,
      runRetryDelay: 1_000,
      maxStalledCount: MOST_ATTEMPTS,
      skipVersionCheck: true,
      settings: {
        backoffStrategy: (attempts, _type, error) =>
          jobPauseMs(attempts, error?.message === INCOMPLETE ? 'incomplete' : 'failed', pauseScale),
      },
    });
    worker.on('error', (error) => log.debug({ err: error }, 'finalization jobs: an error of the queue'));
    worker.on('stalled', (name) =>
      log.warn(
        { job: name },
        'the process that executed a finalization job is gone; another one executes it',
      ),
    );
    worker.on('lockRenewalFailed', (names) => {
      for (const name of names) this.#giveUp(name);
    });
    worker.on('failed', (job, error) => {
      if (error.message === INCOMPLETE) return;
      const { callSid } = job?.data ?? {};
      log.warn({ callSid, attempts: job?.attemptsMade, err: error }, 'finalization job failed; will retry');
    });
    this.#worker = worker;
  }

  /** Reads the numbers of jobs. Call it every few seconds. */
  async look(): Promise<void> {
    if (this.#isStopped) return;
    if (this.#options.client.status !== 'ready') {
      this.#counts = UNKNOWN;
      return;
    }
    try {
      const {
        wait = 0,
        active = 0,
        delayed = 0,
      } = await this.#queue.getJobCounts('wait', 'active', 'delayed');
      this.#counts = { waiting: wait, running: active, delayed };
    } catch (error) {
      this.#counts = UNKNOWN;
      if (!this.#isStopped) this.outage.failed(error);
    }
  }

  /** Ends within `withinMs` and four seconds, whatever Redis does. */
  async stop(withinMs: number): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    let isClosed = true;
    if (worker) {
      const given = new AbortController();
      void setTimeout(withinMs, undefined, { signal: given.signal }).then(
        () => this.#giveUpAll(),
        () => undefined,
      );
      // Without a connection the end of a job cannot be reported: another process executes it again.
      const isConnected = this.#options.client.status === 'ready';
      isClosed = await settles(worker.close(!isConnected), isConnected ? withinMs + CLOSED_WITHIN_MS : 0);
      given.abort();
      this.#giveUpAll();
    }
    this.#waiting?.disconnect();
    this.#isStopped = true;
    isClosed = (await settles(this.#queue.close(), CLOSED_WITHIN_MS)) && isClosed;
    if (isClosed) return;
    this.#options.log.warn(
      'Redis did not answer while finalization jobs ended; another process executes those that are left',
    );
  }

  async #execute({ data, id }: Job<FinalizationJob>, executor: JobExecutor): Promise<void> {
    const name = id ?? nameOf(data);
    const given = new AbortController();
    this.#running.set(name, given);
    try {
      const result = await executor.execute(data, given.signal);
      if (result === 'incomplete') throw new Error(INCOMPLETE);
    } finally {
      this.#running.delete(name);
    }
  }

  #giveUpAll(): void {
    for (const name of this.#running.keys()) this.#giveUp(name);
  }

  #giveUp(name: string): void {
    this.#running.get(name)?.abort();
  }
}

/** Whether the work is done within that time. BullMQ waits for a lost connection without a limit. */
async function settles(work: Promise<void>, withinMs: number): Promise<boolean> {
  const expired = new AbortController();
  const waited = setTimeout(withinMs, false, { signal: expired.signal }).catch(() => false);
  const done = work.then(
    () => true,
    () => false,
  );
  return Promise.race([done, waited]).finally(() => expired.abort());
}

/** In braces: a Redis Cluster keeps all keys of the queue on one node. */
function prefixOf({ prefix }: Pick<ClusterSettings, 'prefix'>): string {
  return `{${prefix}:jobs}`;
}

function nameOf({ callSid, fence }: FinalizationJob): string {
  return `${callSid}-${fence}`;
}
