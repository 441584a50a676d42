import type { HealthReport } from '../api/health-router.ts';
import type { Services } from '../call/ports.ts';
import type { ServerProfiles } from '../openai/server/server-profiles.ts';
import type { TwilioGateway } from '../telephony/twilio-gateway.ts';
import type { UnwrittenCalls } from '../storage/unwritten-calls.ts';
import type { NewCalls } from './admission/new-calls.ts';
import { joinedHealth, type ProcessHealth } from './process-health.ts';

/** Problems that are named one by one; the figures count all. */
const MOST_PROBLEMS = 10;

export interface HealthSources {
  /** The calls of all processes. */
  readonly calls: {
    readonly active: number;
    readonly connected: number;
    readonly health: readonly ProcessHealth[];
  };
  readonly newCalls: Pick<NewCalls, 'isDraining' | 'problems'>;
  readonly clusterProblems: readonly string[];
  readonly scheduledWork?: string | undefined;
  /** Calls whose files could not be written. */
  readonly unwritten: UnwrittenCalls;
  readonly services: Services;
  readonly profiles?: ServerProfiles | undefined;
  readonly telephony?: unknown;
  readonly twilio: Pick<TwilioGateway, 'foreignAccounts'>;
}

/** What the server says of itself just now. */
export function createHealthReport(sources: HealthSources): HealthReport {
  const { calls, newCalls, clusterProblems, unwritten, services, profiles, telephony, twilio } = sources;
  const named = {
    transcription: services.transcriber,
    chat: services.replier,
    speech: services.voice,
    telephony,
  };
  const health = joinedHealth(calls.health);
  const unwrittenCalls = unwritten.list();
  const problems = [
    ...newCalls.problems,
    ...health.problems,
    ...clusterProblems,
    ...unwrittenCalls.map((callSid) => unwrittenSentence(callSid, unwritten.reasonOf(callSid))),
  ];
  const running = problems.length > 0 ? 'degraded' : 'ok';
  return {
    status: newCalls.isDraining ? 'draining' : running,
    problems: problems.slice(0, MOST_PROBLEMS),
    activeCalls: calls.active,
    activeConnections: calls.connected,
    scheduledWork: sources.scheduledWork,
    missing: [
      ...Object.entries(named).flatMap(([name, part]) => (part ? [] : [name])),
      ...(health.isCatalogueDown ? ['catalogue'] : []),
    ],
    servers: profiles?.entries.map(({ service, server, model, profile }) => ({
      service,
      server,
      model,
      profile,
    })),
    failing: health.failing,
    figures: {
      foreignAccountWebhooks: twilio.foreignAccounts,
      unwrittenCalls: unwrittenCalls.length,
      ...health.figures,
    },
  };
}

function unwrittenSentence(callSid: string, reason = 'unknown reason'): string {
  return `files of ${callSid} could not be written: ${reason}; remove the cause, then run \`offhook finish\``;
}
