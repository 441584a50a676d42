import type { RunnerTestCase } from 'vitest';
import { TestRunner } from 'vitest';
import { whyTooBusy } from './machine-verdict.ts';
import { SchedulingDelayMeter } from './scheduling-delay.ts';

/** Reports a failed test as "the machine was too busy" when the machine, not the product, was late. */
export default class RealtimeRunner extends TestRunner {
  readonly #meter = new SchedulingDelayMeter();
  readonly #running = new Set<RunnerTestCase>();

  override onBeforeTryTask(test: RunnerTestCase): void {
    super.onBeforeTryTask(test);
    // Concurrent tests share one measurement.
    if (this.#running.size === 0) this.#meter.reset();
    this.#running.add(test);
  }

  onAfterRetryTask(test: RunnerTestCase, { retry }: { readonly retry: number }): void {
    this.#running.delete(test);
    const { result } = test;
    if (result?.state !== 'fail' || retry < triesAgain(test)) return;
    const why = whyTooBusy(this.#meter.delay);
    if (why === undefined) return;
    process.stderr.write(
      `${test.fullName}: ${why}. Its failure proves nothing: ${result.errors?.[0]?.message}\n`,
    );
    Object.assign(result, { state: 'skip', pending: true, note: why });
  }
}

function triesAgain({ retry }: RunnerTestCase): number {
  return typeof retry === 'number' ? retry : (retry?.count ?? 0);
}
