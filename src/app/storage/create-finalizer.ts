import { CallFinalizer } from '../../records/finalization/call-finalizer.ts';
import type { FinalizerObserver } from '../../records/finalization/finalizer-options.ts';
import type { DataDirectory } from '../../storage/data-directory.ts';
import type { WorkerPool } from '../../workers/worker-pool.ts';
import type { CallStorageOptions } from './call-storage-options.ts';

/** The finalizer of a process. `observers`: get its results and failures; others may be added later. */
export function createFinalizer(
  { settings, services, clock, store }: CallStorageOptions,
  { recordings: directory, temporary, receipts, lock }: DataDirectory,
  worker: WorkerPool,
  observers: readonly FinalizerObserver[],
): CallFinalizer {
  const { finishWaitMs, pendingDays } = settings.limits;
  return new CallFinalizer({
    worker,
    services,
    settings: {
      ...settings.recording,
      directory,
      temporary,
      receipts,
      lock,
      language: settings.language,
      store: store?.url,
      finishWaitMs,
      pendingDays,
      keepJournals: settings.keepJournals,
    },
    clock,
    observer: {
      finished: (news) => {
        for (const observer of observers) observer.finished(news);
      },
      failed: (news) => {
        for (const observer of observers) observer.failed(news);
      },
    },
  });
}
