import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/app/system-clock.ts';
import { EmbeddedJobs } from '../../../src/records/finalization/embedded-jobs.ts';
import { FIRST_JOB_RETRY_MS, jobPauseMs } from '../../../src/records/finalization/finalization-jobs.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { finalizationJobPromises, HeldJobs, newJob, PAUSE_SCALE } from '../../suites/finalization-jobs.ts';

const ignored = { failed: (): void => undefined };

describe('jobs of one process', () => {
  finalizationJobPromises(() => {
    const jobs = new EmbeddedJobs({ clock: systemClock, observer: ignored, pauseScale: PAUSE_SCALE });
    return { adds: jobs, executes: jobs, look: () => Promise.resolve() };
  });

  test('begin at once: whoever erases the call finds it in execution', () => {
    const jobs = new EmbeddedJobs({ clock: systemClock, observer: ignored });
    const held = new HeldJobs();
    jobs.start(held);
    void jobs.add(newJob());
    expect(held.begun).toHaveLength(1);
  });

  test('that fail are reported with the pause before the next attempt, which doubles', async () => {
    const clock = new VirtualClock(0);
    const pauses: number[] = [];
    const jobs = new EmbeddedJobs({ clock, observer: { failed: (_job, _error, ms) => pauses.push(ms) } });
    let attempts = 0;
    const fails = (): Promise<'done'> => {
      attempts += 1;
      return attempts < 4 ? Promise.reject(new Error('no')) : Promise.resolve('done');
    };
    jobs.start({ execute: fails });
    await jobs.add(newJob());
    await clock.goTo(FIRST_JOB_RETRY_MS * 7 - 1);
    expect(attempts).toBe(3);
    await clock.goTo(FIRST_JOB_RETRY_MS * 7);
    expect(attempts).toBe(4);
    expect(pauses).toEqual([1, 2, 4].map((times) => times * FIRST_JOB_RETRY_MS));
  });

  test('are refused while the process stops: they stay in their journals', async () => {
    const jobs = new EmbeddedJobs({ clock: systemClock, observer: ignored });
    await jobs.stop(0);
    await expect(jobs.add(newJob())).rejects.toThrow('stopping');
  });
});

test('pauses of jobs have a bound, after any number of attempts', () => {
  expect(jobPauseMs(1_000_000, 'failed')).toBe(600_000);
  expect(jobPauseMs(1_000_000, 'incomplete')).toBe(3_600_000);
});
