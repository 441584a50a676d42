import type { ProcessHealth } from '../../../src/app/process-health.ts';

/** A process without problems. */
export const HEALTH: ProcessHealth = {
  problems: [],
  failing: [],
  isCatalogueDown: false,
  figures: {
    failedServiceRequests: 0,
    finishingCalls: 0,
    retriedCalls: 0,
    waitingJobs: 0,
    runningJobs: 0,
    delayedJobs: 0,
    uncataloguedCalls: 0,
    unstoredCalls: undefined,
    journalBacklogBytes: 0,
    journalWriteLagMs: 0,
    journalSyncLagMs: 0,
    journalLostEvents: 0,
    replicationBacklogBytes: undefined,
    replicationLagMs: undefined,
    eventLoopDelayMs: 0,
  },
};
