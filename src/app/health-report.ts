import type { HealthFacts } from '../api/health-router.ts';
import type { Calls } from '../call/call-registry.ts';
import type { Services } from '../call/ports.ts';
import type { DiskJournal } from '../journal/journal.ts';
import type { FileStore } from '../object-store/object-store.ts';
import type { BackOffice } from './call-storage.ts';

export interface HealthParts {
  readonly calls: Calls<DiskJournal>;
  readonly office: BackOffice;
  readonly services: Services;
  readonly store?: FileStore;
  readonly endCall?: unknown;
}

/** What the server says of itself just now. */
export function healthFactsOf({ calls, office, services, store, endCall }: HealthParts): HealthFacts {
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
