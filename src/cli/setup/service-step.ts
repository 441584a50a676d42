import path from 'node:path';
import type { Settings } from '../../settings/settings.ts';
import type { SettingName } from '../../settings/table.ts';
import { ServiceTrials } from '../../app/services/service-trials.ts';
import { askSetting } from './ask-setting.ts';
import type { DraftSettings } from './draft-settings.ts';
import type { ServiceKind } from './setup-options.ts';
import { type Problem, type SetupRun, untilValid } from './setup-run.ts';

const SERVICES = ['transcription', 'chat', 'speech'] as const;
type Service = (typeof SERVICES)[number];
const KEY_TODO = 'give a key that is valid there';
/** A setting that enables a service. */
const ENABLING = [
  'OPENAI_API_KEY',
  ...SERVICES.flatMap((service) => [settingOf(service, 'BASE_URL'), settingOf(service, 'API_KEY')]),
] as readonly SettingName[];

/** Asks which services answer, if none is configured, and sends a real request to each. */
export async function setUpServices(run: SetupRun): Promise<void> {
  const { draft, commandLine } = run;
  const isConfigured = ENABLING.some((name) => draft.value(name) !== undefined);
  if (!isConfigured) await askServices(run, commandLine.services ?? (await askKind(run)));
  await untilValid(
    run,
    () => failedServices(run),
    (problems) => askAgain(run, problems),
  );
}

function askKind({ dialogue }: SetupRun): Promise<ServiceKind> {
  return dialogue.choose({
    message: 'Who answers the calls?',
    option:
      '--openai-api-key KEY, by the addresses of your own servers (--chat-base-url URL …), or by --services none',
    answers: [
      { value: 'openai', label: 'An assistant with services of OpenAI', hint: 'needs a key' },
      {
        value: 'own',
        label: 'An assistant with your own servers',
        hint: 'OpenAI’s protocol: Ollama, speaches …',
      },
      { value: 'none', label: 'An answering machine', hint: 'needs nothing' },
    ],
  });
}

async function askServices(run: SetupRun, kind: ServiceKind): Promise<void> {
  if (kind === 'openai') await askSetting(run, 'OPENAI_API_KEY', { message: 'Key of OpenAI:' });
  if (kind !== 'own') return;
  const isOptional = true;
  const server = { transcription: 'Transcription', chat: 'Chat', speech: 'Speech' };
  const examples = { transcription: '8000', chat: '11434', speech: '8880' };
  for (const service of SERVICES) {
    const name = settingOf(service, 'BASE_URL');
    const example = `http://localhost:${examples[service]}/v1`;
    await askSetting(run, name, { message: `${server[service]} server (empty: none):`, example, isOptional });
    if (run.draft.value(name) === undefined) continue;
    await askSetting(run, settingOf(service, 'API_KEY'), { message: 'Its key (empty: none):', isOptional });
    await askSetting(run, settingOf(service, 'MODEL'), {
      message: 'Its model (empty: default):',
      isOptional,
    });
  }
}

async function failedServices({ draft, report }: SetupRun): Promise<Problem[]> {
  // The telephone is set up later; here its settings may still be incomplete.
  const result = draft.read({ TWILIO_AUTH_TOKEN: '', PUBLIC_URL: '' });
  if (!result.ok) return result.errors.map((found) => ({ what: 'settings', found }));
  const { settings } = result;
  const configured = SERVICES.filter((service) => settings[service] !== undefined);
  const missing = SERVICES.filter((service) => !configured.includes(service));
  if (configured.length > 0) report.progress(`Sending a request to each service: ${configured.join(', ')} …`);
  const trials = new ServiceTrials(withoutFiles(settings));
  const results = await Promise.all(
    configured.map(async (service) => ({ service, trial: await trials.run(service) })),
  );
  const problems: Problem[] = [];
  for (const { service, trial } of results) {
    const found = `${new URL(settings[service]!.baseUrl).host}: ${trial.found}`;
    if (trial.verdict === 'fail')
      problems.push({ what: service, found, todo: isKeyRefused(found) ? KEY_TODO : trial.todo });
    else report.add({ what: service, ...trial, found });
  }
  if (missing.length > 0 && problems.length === 0)
    report.warn(
      'services',
      configured.length === 0
        ? 'none is configured: the answering machine takes the calls'
        : `${missing.join(' and ')} not configured: the answering machine takes the calls`,
    );
  return problems;
}

/** A check leaves no file: what was learned of the servers is kept only where an installation exists. */
function withoutFiles(settings: Settings): Settings {
  const directory = path.join(settings.recording.directory, '.offhook', 'none');
  return { ...settings, recording: { ...settings.recording, directory } };
}

async function askAgain(run: SetupRun, problems: readonly Problem[]): Promise<void> {
  const names = new Set(problems.flatMap((problem) => namesToAsk(run.draft, problem)));
  for (const name of names)
    await askSetting(run, name, { message: `${name}:`, isOptional: name !== 'OPENAI_API_KEY' });
}

/** The settings that a failed service may be wrong in. */
function namesToAsk(draft: DraftSettings, { what, found }: Problem): SettingName[] {
  const service = SERVICES.find((each) => each === what);
  if (!service) return [];
  const ownUrl = settingOf(service, 'BASE_URL');
  if (draft.value(ownUrl) !== undefined)
    return [ownUrl, settingOf(service, 'API_KEY'), settingOf(service, 'MODEL')];
  return isKeyRefused(found) ? ['OPENAI_API_KEY'] : ['OPENAI_BASE_URL', settingOf(service, 'MODEL')];
}

function isKeyRefused(found: string): boolean {
  return /answers 40[13]\b/.test(found);
}

function settingOf<K extends 'BASE_URL' | 'API_KEY' | 'MODEL'>(service: Service, kind: K): SettingName {
  return `${service.toUpperCase() as Uppercase<Service>}_${kind}`;
}
