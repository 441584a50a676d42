import type { EventLoopDelay } from './admission/event-loop-delay.ts';
import type { FailingService } from './services/service-health.ts';
import type { ServiceMonitor } from './services/service-monitor.ts';
import type { CallStorage } from './storage/call-storage.ts';

/** Figures of one process; `…Ms` are times, the others are numbers of calls, requests, events or bytes. */
interface ProcessFigures {
  readonly failedServiceRequests: number;
  readonly finishingCalls: number;
  readonly retriedCalls: number;
  /** Jobs that write the files of ended calls; with `REDIS_URL` those of all machines, undefined while Redis does not answer. */
  readonly waitingJobs: number | undefined;
  readonly runningJobs: number | undefined;
  readonly delayedJobs: number | undefined;
  readonly uncataloguedCalls: number | undefined;
  readonly unstoredCalls: number | undefined;
  readonly journalBacklogBytes: number;
  readonly journalWriteLagMs: number;
  readonly journalSyncLagMs: number;
  readonly journalLostEvents: number;
  /** Undefined without `REDIS_URL`. */
  readonly replicationBacklogBytes: number | undefined;
  readonly replicationLagMs: number | undefined;
  readonly eventLoopDelayMs: number;
}

/** What one process with calls says of itself. */
export interface ProcessHealth {
  /** Sentences. */
  readonly problems: readonly string[];
  readonly failing: readonly (FailingService | object)[];
  readonly isCatalogueDown: boolean;
  readonly figures: ProcessFigures;
}

export function processHealth(
  storage: CallStorage,
  { health }: ServiceMonitor,
  delay: Pick<EventLoopDelay, 'p99Ms'>,
): ProcessHealth {
  const { index, outages, status, uploads, journals, jobs } = storage;
  const replication = storage.options.shared?.follower.figures;
  const { backlogBytes, writeLagMs, syncLagMs, lostEvents } = journals.figures;
  return {
    problems: [
      ...health.problems,
      ...outages.problems,
      ...[...status.retrying].map(([callSid, why]) => `files of ${callSid} are retried: ${why}`),
    ],
    failing: [...health.failing, ...outages.failing],
    isCatalogueDown: index?.down ?? false,
    figures: {
      failedServiceRequests: health.failures,
      finishingCalls: status.finalizing,
      retriedCalls: status.retrying.size,
      waitingJobs: jobs.waiting,
      runningJobs: jobs.running,
      delayedJobs: jobs.delayed,
      uncataloguedCalls: index?.waiting,
      unstoredCalls: uploads?.waiting,
      journalBacklogBytes: backlogBytes,
      journalWriteLagMs: Math.round(writeLagMs),
      journalSyncLagMs: Math.round(syncLagMs),
      journalLostEvents: lostEvents,
      replicationBacklogBytes: replication?.backlogBytes,
      replicationLagMs: replication && Math.round(replication.lagMs),
      eventLoopDelayMs: Math.round(delay.p99Ms),
    },
  };
}

/** Several processes as one: numbers are added, of times the longest counts, and the same problem is named once. */
export function joinedHealth(all: readonly ProcessHealth[]): ProcessHealth {
  return {
    problems: [...new Set(all.flatMap(({ problems }) => problems))],
    failing: all.flatMap(({ failing }) => failing),
    isCatalogueDown: all.some(({ isCatalogueDown }) => isCatalogueDown),
    figures: all.map(({ figures }) => figures).reduce(joinedFigures),
  };
}

function joinedFigures(one: ProcessFigures, other: ProcessFigures): ProcessFigures {
  const joined = { ...one } as Record<keyof ProcessFigures, number | undefined>;
  for (const name of Object.keys(one) as (keyof ProcessFigures)[]) {
    const values = [one[name], other[name]].filter((value) => value !== undefined);
    if (values.length < 2) joined[name] = values[0];
    else joined[name] = name.endsWith('Ms') ? Math.max(...values) : values[0]! + values[1]!;
  }
  return joined as ProcessFigures;
}
