import { Gauge, type Registry } from 'prom-client';
import type { ListedCall } from '../../desk/desk-ports.ts';
import type { ProcessHealth } from '../process-health.ts';
import type { ServiceHealth } from '../services/service-health.ts';
import { MEASURED_SERVICES } from './call-counters.ts';
import { addCounter, addGauge } from './read-on-request.ts';

/** The calls of one process and its health, as they are now. */
export interface ProcessState {
  readonly connected: number;
  readonly health: ProcessHealth;
  list(): readonly ListedCall[];
}

const STATES = Object.keys({
  ringing: true,
  greeting: true,
  listening: true,
  thinking: true,
  speaking: true,
  operator: true,
  ending: true,
  between: true,
} satisfies Record<ListedCall['state'], true>) as readonly ListedCall['state'][];

/** Reports the state of a process. It is read when the metrics are read. */
export function reportProcessState(
  registry: Registry,
  state: ProcessState,
  services: Pick<ServiceHealth, 'failing'>,
): void {
  const figures = (): ProcessHealth['figures'] => state.health.figures;
  reportCalls(registry, state);
  reportFailing(registry, services);
  reportJobs(registry, figures);
  addGauge(registry, 'offhook_processes', 'Processes that hold calls.', () => 1);
  addGauge(registry, 'offhook_streams', 'Live calls with an open stream.', () => state.connected);
  addGauge(
    registry,
    'offhook_calls_finishing',
    'Ended calls whose files are being written.',
    () => figures().finishingCalls,
  );
  addGauge(
    registry,
    'offhook_calls_retried',
    'Ended calls whose files could not be written yet.',
    () => figures().retriedCalls,
  );
  addGauge(
    registry,
    'offhook_calls_uncatalogued',
    'Calls with changes that are not in the catalogue yet.',
    () => figures().uncataloguedCalls ?? 0,
  );
  addGauge(
    registry,
    'offhook_calls_unstored',
    'Calls whose files are not in the object store yet.',
    () => figures().unstoredCalls ?? 0,
  );
  addGauge(
    registry,
    'offhook_catalogue_down',
    '1 while the catalogue cannot be written.',
    () => Number(state.health.isCatalogueDown),
    'max',
  );
  addGauge(
    registry,
    'offhook_journal_backlog_bytes',
    'Journal data that is not written yet.',
    () => figures().journalBacklogBytes,
  );
  addGauge(
    registry,
    'offhook_journal_write_lag_seconds',
    'Age of the oldest journal data that is not written yet.',
    () => figures().journalWriteLagMs / 1_000,
    'max',
  );
  addGauge(
    registry,
    'offhook_journal_sync_lag_seconds',
    'Age of the oldest journal data that is not on disk yet.',
    () => figures().journalSyncLagMs / 1_000,
    'max',
  );
  addGauge(
    registry,
    'offhook_replication_backlog_bytes',
    'Journal data of live calls that is not in Redis yet.',
    () => figures().replicationBacklogBytes ?? 0,
  );
  addGauge(
    registry,
    'offhook_replication_lag_seconds',
    'Age of the oldest journal data of live calls that is not in Redis yet.',
    () => (figures().replicationLagMs ?? 0) / 1_000,
    'max',
  );
  addCounter(
    registry,
    'offhook_journal_lost_events_total',
    'Events of calls that could not be kept for the journal.',
    () => figures().journalLostEvents,
  );
}

function reportCalls(registry: Registry, state: ProcessState): void {
  new Gauge({
    name: 'offhook_calls',
    help: 'Live calls by state, from ringing to the end.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const each of STATES) this.set({ state: each }, 0);
      for (const call of state.list()) this.inc({ state: call.state });
    },
  });
}

function reportJobs(registry: Registry, figures: () => ProcessHealth['figures']): void {
  new Gauge({
    name: 'offhook_finalization_jobs',
    help: 'Jobs that write the files of ended calls, by state. With REDIS_URL each machine reports those of all.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const { waitingJobs, runningJobs, delayedJobs } = figures();
      // A number that is not known has no sample: the last one would look like a current one.
      this.reset();
      if (waitingJobs !== undefined) this.set({ state: 'waiting' }, waitingJobs);
      if (runningJobs !== undefined) this.set({ state: 'running' }, runningJobs);
      if (delayedJobs !== undefined) this.set({ state: 'delayed' }, delayedJobs);
    },
  });
}

function reportFailing(registry: Registry, services: Pick<ServiceHealth, 'failing'>): void {
  new Gauge({
    name: 'offhook_service_failing',
    help: '1 while the last request to the service failed, in a call or in a check outside of calls.',
    labelNames: ['service'],
    registers: [registry],
    aggregator: 'max',
    collect() {
      for (const service of MEASURED_SERVICES) this.set({ service }, 0);
      for (const { service } of services.failing) this.set({ service }, 1);
    },
  });
}
