import type { Clock } from '../../events/clock.ts';
import type { Log } from '../../log.ts';
import type { CallFinalizer } from '../../records/finalization/call-finalizer.ts';
import { EmbeddedJobs } from '../../records/finalization/embedded-jobs.ts';
import type {
  FinalizationJob,
  JobCounts,
  JobExecutor,
  JobResult,
} from '../../records/finalization/finalization-jobs.ts';
import type { CallToFinalize } from '../../records/finalization/finalizer-options.ts';

interface EndedCallJob {
  readonly call: CallToFinalize;
  settled(): void;
}

/** Ended calls whose files this process writes itself: each is a job in its memory. */
export class EndedCalls implements JobExecutor {
  readonly #finalizer: Pick<CallFinalizer, 'finish'>;
  readonly #jobs: EmbeddedJobs;
  /** By the numbers of their jobs. */
  readonly #calls = new Map<number, EndedCallJob>();
  #jobNumbers = 0;

  constructor(finalizer: Pick<CallFinalizer, 'finish'>, log: Log, clock: Pick<Clock, 'sleep'>) {
    this.#finalizer = finalizer;
    const failed = ({ callSid }: FinalizationJob, error: unknown, retryMs: number): void =>
      log.error({ callSid, err: error, retryMs }, 'finalization job failed; will retry');
    this.#jobs = new EmbeddedJobs({ clock, observer: { failed } });
    this.#jobs.start(this);
  }

  get counts(): JobCounts {
    return this.#jobs.counts;
  }

  /** Resolves when the files exist, cannot be written, or the call was erased. The finalizer has the call when this returns. */
  finish(call: CallToFinalize): Promise<void> {
    const fence = (this.#jobNumbers += 1);
    return new Promise((resolve, reject) => {
      this.#calls.set(fence, { call, settled: resolve });
      this.#jobs.add({ callSid: call.callSid, fence }).catch(reject);
    });
  }

  async execute({ fence }: FinalizationJob): Promise<JobResult> {
    const job = this.#calls.get(fence);
    if (!job) return 'done';
    await this.#finalizer.finish(job.call);
    this.#calls.delete(fence);
    job.settled();
    return 'done';
  }
}
