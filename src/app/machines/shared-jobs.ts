import type {
  FinalizationJob,
  FinalizationJobs,
  JobCounts,
} from '../../records/finalization/finalization-jobs.ts';
import type { CallToFinalize } from '../../records/finalization/finalizer-options.ts';
import { GivenCalls } from './given-calls.ts';
import { JobExecution } from './job-execution.ts';
import type { CallStorage } from '../storage/call-storage.ts';
import type { Cluster } from '../cluster.ts';

/** A process that stops waits so long for the jobs of its calls. */
const SETTLED_WITHIN_MS = 10_000;

export interface SharedJobsOptions {
  readonly cluster: Pick<Cluster, 'machines' | 'jobs'>;
  readonly machines: { find(id: string): Promise<object | undefined> };
  readonly storage: CallStorage;
}

/** Finalization jobs of the system at this process: calls that have ended here become jobs, and jobs of any process are executed here. */
export class SharedJobs {
  readonly #jobs: FinalizationJobs;
  readonly #given: GivenCalls;
  readonly #execution: JobExecution;
  readonly #isWhole: boolean;

  constructor({ cluster, machines, storage }: SharedJobsOptions) {
    const { jobs } = cluster;
    const { directory, claims, replication, outage, journals } = cluster.machines;
    const machine = directory.own.id;
    const { log, clock } = storage.options;
    this.#jobs = jobs;
    const given = new GivenCalls({
      machine,
      claims,
      jobs,
      replication,
      journals,
      outage,
      machines,
      storage,
    });
    this.#given = given;
    this.#execution = new JobExecution({ claims, journals, replication, given, storage, log, clock });
    this.#isWhole = reasonsAgainstJobs(storage).length === 0;
  }

  /** Undefined: calls that end here do not become jobs. */
  get counts(): JobCounts | undefined {
    return this.#isWhole ? this.#jobs.counts : undefined;
  }

  give(call: CallToFinalize): Promise<'here' | 'settled'> {
    return this.#isWhole ? this.#given.give(call) : Promise.resolve('here');
  }

  /** As `GivenCalls.hasTexts`. */
  hasTexts(callSid: string): boolean {
    return this.#given.hasTexts(callSid);
  }

  /** As `GivenCalls.abandon`. */
  abandon(callSid: string): Promise<void> {
    return this.#given.abandon(callSid);
  }

  /** As `FinalizationJobs.add`. */
  add(job: FinalizationJob): Promise<void> {
    return this.#jobs.add(job);
  }

  /** As `JobExecution.uploaded`. */
  uploaded(callSid: string): boolean {
    return this.#execution.uploaded(callSid);
  }

  start(): void {
    if (this.#isWhole) this.#jobs.start(this.#execution);
  }

  /** Resolves when jobs of calls that ended here are done, at most after 10 s, and then those that run here, at most after `withinMs`. */
  async stop(withinMs: number): Promise<void> {
    await this.#given.close(SETTLED_WITHIN_MS);
    await this.#jobs.stop(withinMs);
  }
}

/** Why a job could not be executed by any process: what it makes would not be where all others find it. Sentences. */
export function reasonsAgainstJobs({ options }: Pick<CallStorage, 'options'>): string[] {
  const { settings, services, store, catalogue } = options;
  const reasons: string[] = [];
  if (!settings.sharedFinalization)
    reasons.push('SHARED_FINALIZATION is false: each machine writes the files of its own calls.');
  if (!store)
    reasons.push(
      'RECORDINGS_STORE is missing: the files would stay on the disk of the process that writes them.',
    );
  if (catalogue && settings.databaseUrl.startsWith('sqlite:'))
    reasons.push(
      'DATABASE_URL names no database server: only the process that writes the files would have the entry of the call.',
    );
  if (!services.transcriber)
    reasons.push('No transcriber is configured: calls wait for their texts at the machine that had them.');
  if (settings.keepJournals)
    reasons.push('KEEP_JOURNALS is true: journals are kept at the machine that had the call.');
  return reasons;
}
