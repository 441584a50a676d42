import type { Cluster } from '../../app/cluster.ts';
import { createServices } from '../../app/services/create-services.ts';
import { loadPrompts } from '../../app/load-prompts.ts';
import { openConfiguredCatalogue } from '../../app/open-configured-catalogue.ts';
import { openConfiguredStore } from '../../app/open-configured-store.ts';
import type { ServerDependencies } from '../../app/server-dependencies.ts';
import { componentLog, type Log } from '../../log.ts';
import { warmUp } from '../../openai/server/warm-up.ts';
import { ServerProfiles } from '../../openai/server/server-profiles.ts';
import type { Settings } from '../../settings/settings.ts';
import { DataDirectory } from '../../storage/data-directory.ts';
import { builtPages, packageVersion, shippedPrompts } from '../../storage/package-files.ts';
import { WEBHOOK_ROUTES } from '../../telephony/twilio/webhook-routes.ts';
import { TwilioRestClient } from '../../telephony/twilio/rest-client.ts';

export interface ServerParts {
  readonly dependencies: ServerDependencies;
  /** Undefined: no account of Twilio is configured. */
  readonly rest: TwilioRestClient | undefined;
}

/** The parts of a process with calls, from the settings. */
export async function serverParts(settings: Settings, rootLog: Log): Promise<ServerParts> {
  const log = componentLog(rootLog, 'server');
  const prompts = await loadPrompts(settings.promptsDirectory, shippedPrompts(), settings.language);
  for (const warning of prompts.warnings) log.warn({ warning }, 'prompt warning');
  const { accountSid, authToken, ...way } = settings.twilio;
  const rest = accountSid && authToken ? new TwilioRestClient({ accountSid, authToken, ...way }) : undefined;
  const store = await openConfiguredStore(settings);
  const catalogue = await openConfiguredCatalogue(settings, rootLog);
  const file = DataDirectory.serverProfiles(settings.recording.directory);
  const profiles = new ServerProfiles({ file, log: componentLog(rootLog, 'services') });
  const { transcription, chat, speech } = settings;
  // A Realtime voice opens its own connection while a phone rings.
  const used = [transcription, chat, speech?.engine === 'realtime' ? undefined : speech];
  const dependencies: ServerDependencies = {
    settings,
    log: rootLog,
    assistant: { services: createServices(settings, profiles, rootLog), prompts: prompts.book, profiles },
    release: { version: packageVersion(), pages: builtPages() },
    records: { catalogue, store },
    telephony: rest && {
      endCall: (callSid) => rest.hangUp(callSid),
      redirect: redirection(rest, settings.publicUrl),
      check: () => rest.check(),
    },
    observer: { ringing: () => void warmUp(used) },
  };
  return { dependencies, rest };
}

/** Has Twilio request the next action of a call from the address that all machines have. */
function redirection(rest: TwilioRestClient, publicUrl: URL | undefined) {
  if (!publicUrl) return undefined;
  const url = new URL(`.${WEBHOOK_ROUTES.continued.path}`, publicUrl.href.replace(/\/?$/, '/'));
  return (callSid: string): Promise<void> => rest.redirect(callSid, url.href);
}

/** What several machines share; undefined if this one is alone. The clients of Redis are loaded only if they are used. */
export async function configuredCluster(
  { cluster, recording }: Settings,
  rootLog: Log,
): Promise<Cluster | undefined> {
  if (!cluster) return undefined;
  const { openCluster } = await import('../../cluster/open-cluster.ts');
  const temporary = DataDirectory.temporaryOf(recording.directory);
  return openCluster(cluster, temporary, componentLog(rootLog, 'cluster'));
}
