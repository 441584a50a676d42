import type { Services } from '../../call/ports.ts';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { Clock } from '../../events/clock.ts';
import type { Log } from '../../log.ts';
import type { ObjectStore } from '../../object-store/object-store.ts';
import type { Settings } from '../../settings/settings.ts';
import { DataDirectory } from '../../storage/data-directory.ts';
import type { Cluster } from '../cluster.ts';
import { CallStorage } from '../storage/call-storage.ts';
import { StorageLifecycle } from '../storage/storage-lifecycle.ts';
import { CompletedCalls } from './completed-calls.ts';
import { MachineCalls } from './machine-calls.ts';
import { reasonsAgainstJobs, SharedJobs } from './shared-jobs.ts';

/** What a call that is executed here needs; nothing of it is in the directory when its job is done. */
export interface FinalizationWorkerOptions {
  /** Its directory is this process' own. */
  readonly settings: Settings;
  readonly services: Services;
  readonly catalogue: Catalogue | undefined;
  readonly store: ObjectStore | undefined;
  readonly cluster: Pick<Cluster, 'machines' | 'jobs' | 'close'>;
  readonly log: Log;
  readonly clock: Clock;
}

/** Executes finalization jobs without calls of its own: it has no HTTP server, and is no machine that others give calls to. */
export class FinalizationWorker {
  readonly storage: CallStorage;
  readonly #lifecycle: StorageLifecycle;
  readonly #jobs: SharedJobs;
  readonly #cluster: Pick<Cluster, 'close'>;

  constructor({ settings, services, catalogue, store, cluster, log, clock }: FinalizationWorkerOptions) {
    const { directory, claims, journals, follower } = cluster.machines;
    const machine = directory.own.id;
    const completed = new CompletedCalls(new DataDirectory(settings.recording.directory));
    // Calls are taken for their jobs alone: all other machines count as alive.
    const machines = { find: (): Promise<object> => Promise.resolve({}) };
    const shared = new MachineCalls({ follower, machine, claims, journals, machines, completed, clock, log });
    this.storage = new CallStorage({ settings, services, log, clock, catalogue, store, shared });
    this.#lifecycle = new StorageLifecycle(this.storage);
    this.#jobs = new SharedJobs({ cluster, machines, storage: this.storage });
    this.#cluster = cluster;
    shared.use(this.#jobs);
  }

  /** Why this process cannot execute jobs; empty if it can. Sentences. */
  get obstacles(): readonly string[] {
    return reasonsAgainstJobs(this.storage);
  }

  /** Opens its directory. */
  async open(): Promise<void> {
    await this.#lifecycle.start();
  }

  /** Executes jobs from now on. */
  work(): void {
    this.#jobs.start();
  }

  /** Resolves when the jobs that run are done, or given up after `withinMs`; other processes execute those. */
  async stop(withinMs: number): Promise<void> {
    await this.#jobs.stop(withinMs);
    await this.#lifecycle.stop();
    this.#cluster.close();
  }
}
