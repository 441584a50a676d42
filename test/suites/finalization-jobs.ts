import { expect, test } from 'vitest';
import type {
  FinalizationJob,
  FinalizationJobs,
  JobExecutor,
  JobResult,
} from '../../src/records/finalization/finalization-jobs.ts';
import { comesTrue } from '../support/comes-true.ts';

/** A process that adds jobs and one that executes them, which may be the same. */
export interface JobProcesses {
  readonly adds: FinalizationJobs;
  readonly executes: FinalizationJobs;
  /** Resolves when the counts are those of now. */
  readonly look: () => Promise<void>;
}

/** Pauses of tests are this part of the real ones. */
export const PAUSE_SCALE = 0.01;
const NO_JOBS = { waiting: 0, running: 0, delayed: 0 };

/** Keeps the jobs that it was given, and ends each when the test says so. */
export class HeldJobs implements JobExecutor {
  readonly begun: FinalizationJob[] = [];
  readonly givenUp: FinalizationJob[] = [];
  readonly #held: ((result: JobResult | Error) => void)[] = [];

  execute(job: FinalizationJob, given: AbortSignal): Promise<JobResult> {
    this.begun.push(job);
    return new Promise((resolve, reject) => {
      this.#held.push((result) => (result instanceof Error ? reject(result) : resolve(result)));
      given.addEventListener('abort', () => {
        this.givenUp.push(job);
        reject(new Error('given up'));
      });
    });
  }

  async hasBegun(jobs: number): Promise<void> {
    await comesTrue(`${jobs} executions have begun`, () => this.begun.length >= jobs);
  }

  /** Ends the executions in progress. */
  end(result: JobResult | Error): void {
    for (const each of this.#held.splice(0)) each(result);
  }
}

/** A call of its own for each test. */
export function newJob(fence = 1): FinalizationJob {
  return { callSid: `CA${crypto.randomUUID().replaceAll('-', '')}`, fence };
}

/** What all implementations of finalization jobs promise. `opened`: processes without jobs, which are stopped by the caller. */
export function finalizationJobPromises(opened: () => JobProcesses): void {
  async function none({ executes, look }: JobProcesses): Promise<void> {
    await comesTrue('there are no jobs', async () => {
      await look();
      return Object.values(executes.counts).every((count) => count === 0);
    });
  }

  test('a job is executed once, as it was added', async () => {
    const { adds, executes, look } = opened();
    const held = new HeldJobs();
    executes.start(held);
    const job = newJob(3);
    await adds.add(job);
    await held.hasBegun(1);
    await look();
    expect(executes.counts).toEqual({ ...NO_JOBS, running: 1 });
    held.end('done');
    await none({ adds, executes, look });
    expect(held.begun).toEqual([job]);
  });

  test('a job that was added before any process executes jobs is not lost', async () => {
    const { adds, executes, look } = opened();
    const job = newJob();
    await adds.add(job);
    await look();
    expect(executes.counts).toEqual({ ...NO_JOBS, waiting: 1 });
    const held = new HeldJobs();
    executes.start(held);
    await held.hasBegun(1);
    held.end('done');
    expect(held.begun).toEqual([job]);
    await none({ adds, executes, look });
  });

  test('the same job added again is the same job; another fence is another one', async () => {
    const { adds, executes, look } = opened();
    const held = new HeldJobs();
    executes.start(held);
    const job = newJob(1);
    await Promise.all([adds.add(job), adds.add(job), executes.add({ ...job })]);
    await held.hasBegun(1);
    await adds.add(job);
    await adds.add({ ...job, fence: 2 });
    await held.hasBegun(2);
    expect(held.begun).toEqual([job, { ...job, fence: 2 }]);
    held.end('done');
    await none({ adds, executes, look });
    expect(held.begun).toHaveLength(2);
  });

  test.each([
    ['that failed', new Error('the disk is full')],
    ['that lacks texts', 'incomplete'],
  ] as const)('a job %s is executed again after a pause, until it is done', async (_, result) => {
    const { adds, executes, look } = opened();
    const held = new HeldJobs();
    executes.start(held);
    const job = newJob();
    await adds.add(job);
    for (const attempt of [1, 2]) {
      await held.hasBegun(attempt);
      held.end(result);
      await comesTrue('the job waits', async () => {
        await look();
        return executes.counts.delayed === 1 || held.begun.length > attempt;
      });
    }
    await held.hasBegun(3);
    held.end('done');
    await none({ adds, executes, look });
    expect(held.begun).toEqual([job, job, job]);
  });

  test('jobs are executed side by side: one that waits for a service delays no other', async () => {
    const { adds, executes, look } = opened();
    const held = new HeldJobs();
    executes.start(held);
    for (let count = 0; count < 5; count += 1) await adds.add(newJob());
    await held.hasBegun(5);
    held.end('done');
    await none({ adds, executes, look });
  });

  test('stopping waits for the jobs that run', async () => {
    const { adds, executes } = opened();
    const held = new HeldJobs();
    executes.start(held);
    await adds.add(newJob());
    await held.hasBegun(1);
    let isStopped = false;
    const stopped = executes.stop(600_000).then(() => (isStopped = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isStopped).toBe(false);
    held.end('done');
    await stopped;
    expect(held.givenUp).toEqual([]);
  });

  test('a job that takes too long while its process stops is given up', async () => {
    const { adds, executes } = opened();
    const held = new HeldJobs();
    executes.start(held);
    const job = newJob();
    await adds.add(job);
    await held.hasBegun(1);
    await executes.stop(10);
    expect(held.givenUp).toEqual([job]);
  });
}
