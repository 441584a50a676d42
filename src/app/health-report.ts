import type { HealthReport } from '../api/health-router.ts';
import type { CallRegistry } from '../call/call-registry.ts';
import type { Services } from '../call/ports.ts';
import type { Journal } from '../journal/journal.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { ServerProfiles } from '../openai/server/server-profiles.ts';
import type { TwilioGateway } from '../telephony/twilio-gateway.ts';
import type { ServiceHealth } from './services/service-health.ts';
import type { CallStorage } from './storage/call-storage.ts';

/** Problems that are named one by one; the figures count all. */
const MOST_PROBLEMS = 10;

export interface HealthSources {
  readonly calls: CallRegistry<Journal>;
  readonly storage: CallStorage;
  readonly health: ServiceHealth;
  readonly services: Services;
  readonly profiles?: ServerProfiles | undefined;
  readonly store?: ObjectStore | undefined;
  readonly telephony?: unknown;
  readonly twilio: Pick<TwilioGateway, 'foreignAccounts'>;
}

/** What the server says of itself just now. */
export function createHealthReport({
  calls,
  storage,
  health,
  services,
  profiles,
  store,
  telephony,
  twilio,
}: HealthSources): HealthReport {
  const named = {
    transcription: services.transcriber,
    chat: services.replier,
    speech: services.voice,
    telephony,
  };
  const catalogue = storage.index;
  const { backlogBytes, writeLagMs, syncLagMs, lostEvents } = storage.journals.figures;
  const unwritten = storage.directories.unwritten.list();
  const problems = [
    ...health.problems,
    ...storage.outages.problems,
    ...[...storage.status.retrying].map(([callSid, why]) => `files of ${callSid} are retried: ${why}`),
    ...unwritten.map((callSid) =>
      unwrittenSentence(callSid, storage.directories.unwritten.reasonOf(callSid)),
    ),
  ];
  const running = problems.length > 0 ? 'degraded' : 'ok';
  return {
    status: calls.closing ? 'draining' : running,
    problems: problems.slice(0, MOST_PROBLEMS),
    activeCalls: calls.active,
    activeConnections: calls.connected,
    missing: [
      ...Object.entries(named).flatMap(([name, part]) => (part ? [] : [name])),
      ...(catalogue?.down ? ['catalogue'] : []),
    ],
    servers: profiles?.entries.map(({ service, server, model, profile }) => ({
      service,
      server,
      model,
      profile,
    })),
    failing: [...health.failing, ...storage.outages.failing],
    figures: {
      foreignAccountWebhooks: twilio.foreignAccounts,
      failedServiceRequests: health.failures,
      finishingCalls: storage.status.finalizing,
      retriedCalls: storage.status.retrying.size,
      unwrittenCalls: unwritten.length,
      uncataloguedCalls: catalogue?.waiting,
      unstoredCalls: store ? (storage.uploads?.waiting ?? 0) : undefined,
      journalBacklogBytes: backlogBytes,
      journalWriteLagMs: Math.round(writeLagMs),
      journalSyncLagMs: Math.round(syncLagMs),
      journalLostEvents: lostEvents,
    },
  };
}

function unwrittenSentence(callSid: string, reason = 'unknown reason'): string {
  return `files of ${callSid} could not be written: ${reason}; remove the cause, then run \`offhook finish\``;
}
