import type { HealthReport } from '../api/health-router.ts';
import type { CallRegistry } from '../call/call-registry.ts';
import type { Services } from '../call/ports.ts';
import type { Journal } from '../journal/journal.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { CallStorage } from './call-storage.ts';

export interface HealthSources {
  readonly calls: CallRegistry<Journal>;
  readonly office: CallStorage;
  readonly services: Services;
  readonly store?: ObjectStore;
  readonly endCall?: unknown;
}

/** What the server says of itself just now. */
export function createHealthReport({ calls, office, services, store, endCall }: HealthSources): HealthReport {
  const named = {
    transcription: services.transcriber,
    chat: services.replier,
    speech: services.voice,
    telephony: endCall,
  };
  const catalogue = office.afterwards.catalogueState;
  const { backlogBytes, writeLagMs, syncLagMs, lostEvents } = office.journals.figures;
  return {
    status: calls.closing ? 'draining' : 'ok',
    activeCalls: calls.active,
    activeConnections: calls.connected,
    missing: [
      ...Object.entries(named).flatMap(([name, part]) => (part ? [] : [name])),
      ...(catalogue?.down ? ['catalogue'] : []),
    ],
    figures: {
      finishingCalls: office.afterwards.finishing,
      ...(catalogue && { uncataloguedCalls: catalogue.waiting }),
      ...(store && { unstoredCalls: office.afterwards.unstored }),
      journalBacklogBytes: backlogBytes,
      journalWriteLagMs: Math.round(writeLagMs),
      journalSyncLagMs: Math.round(syncLagMs),
      journalLostEvents: lostEvents,
    },
  };
}
