import { existsSync } from 'node:fs';
import { configuredCatalogue } from '../../app/open-configured-catalogue.ts';
import { ignoredOptions } from '../../catalogue/open-catalogue.ts';
import { findModelDeprecations, listModels } from '../../openai/server/model-deprecations.ts';
import type { ProfiledService } from '../../openai/server/server-profiles.ts';
import type { Settings } from '../../settings/settings.ts';
import { DataDirectory } from '../../storage/data-directory.ts';
import { errorText } from '../../storage/file-system-errors.ts';
import { checkAccess } from './access-check.ts';
import { checkAudio } from './audio-check.ts';
import { TIMEOUT_MS, within } from './check-timeout.ts';
import { checkDisk, checkMicrophoneDirectory } from './disk-checks.ts';
import { checkFileSystems } from './file-system-check.ts';
import type { Finding } from './finding.ts';
import { checkPublicAddress } from './public-address-check.ts';
import { checkRedis } from './redis-check.ts';
import { checkStore } from './store-check.ts';
import { checkTelephony } from './twilio-checks.ts';
import { readableFiles } from './readable-files.ts';
import { ServiceTrials } from '../../app/services/service-trials.ts';
import { via } from './via.ts';

/** Signatures of Twilio and AWS tolerate a few minutes, tokens less. */
const CLOCK_INACCURATE_MS = 5_000;
const CLOCK_WRONG_MS = 60_000;

interface CheckResult {
  readonly findings: readonly Finding[];
  /** The server's time when ours was `atMs`. */
  readonly clock?: { readonly theirsMs: number; readonly atMs: number } | undefined;
}

/** Checks all external services and this machine. Leaves no files and never throws. */
export async function runHealthChecks(
  settings: Settings,
  warnings: readonly string[],
  cwd = process.cwd(),
): Promise<Finding[]> {
  const trials = new ServiceTrials(settings);
  const asked = await Promise.all([
    service('transcription', settings, trials),
    check('speech-to-speech', async () => ({ findings: await replies(settings, trials) })),
    check('streaming transcription', async () => ({ findings: await streaming(settings, trials) })),
    check('end of turns', async () => ({ findings: await endOfTurns(settings, trials) })),
    service('chat', settings, trials),
    service('speech', settings, trials),
    check('models', async () => ({ findings: await models(settings) })),
    check('telephony', async () => ({ findings: await checkTelephony(settings) })),
    check('public address', async () => ({ findings: await checkPublicAddress(settings) })),
    check('database', () => database(settings)),
    check('Redis', async () => ({ findings: await checkRedis(settings) })),
    check('object store', async () => ({ findings: await checkStore(settings) })),
  ]);
  return [
    { what: 'settings', verdict: 'ok', found: 'all valid' },
    ...warnings.map((found): Finding => ({ what: 'settings', verdict: 'warn', found })),
    installation(settings),
    checkAccess(settings),
    ...filePermissions(settings, cwd),
    ...(await check('disk', () => Promise.resolve({ findings: checkDisk(settings) }))).findings,
    ...(
      await check('microphone recordings', () =>
        Promise.resolve({ findings: [checkMicrophoneDirectory(settings)] }),
      )
    ).findings,
    ...(await check('audio processing', async () => ({ findings: await checkAudio(settings) }))).findings,
    ...(await check('file systems', async () => ({ findings: await checkFileSystems(settings) }))).findings,
    ...asked.flatMap(({ findings }) => findings),
    clockOf(asked.flatMap(({ clock }) => clock ?? [])),
  ];
}

async function check(what: string, look: () => Promise<CheckResult>): Promise<CheckResult> {
  try {
    return await look();
  } catch (error) {
    const found = errorText(error);
    return { findings: [{ what, verdict: 'fail', found, todo: TODO[what] ?? 'see the error message' }] };
  }
}

const TODO: Readonly<Record<string, string>> = {
  disk: 'make RECORDINGS_DIRECTORY writable for this user, or set another directory',
  'microphone recordings':
    'make MICROPHONE_DIRECTORY writable for the user of the server, or set another directory',
  telephony: 'compare TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN with the Twilio console',
  'public address': 'start the server and the tunnel, and check that PUBLIC_URL leads to it',
  models: 'check the address of the services',
  'audio processing': 'install the packages again: npm ci',
  Redis:
    'start Redis, and check REDIS_URL: its password, and the certificate with TLS (NODE_EXTRA_CA_CERTS for your own authority)',
  database: 'start the database, and check DATABASE_URL',
  'object store':
    'compare RECORDINGS_STORE, S3_ENDPOINT and the key; docs/storage.md lists the permissions it needs',
};

/** Lists the models with the configured key, then sends a request as calls do. */
async function service(
  what: ProfiledService,
  settings: Settings,
  trials: ServiceTrials,
): Promise<CheckResult> {
  const configured = settings[what];
  if (!configured) {
    const todo = `set OPENAI_API_KEY, or ${what.toUpperCase()}_BASE_URL for your own server`;
    return { findings: [{ what, verdict: 'warn', found: 'not configured', todo }] };
  }
  const startedAtMs = Date.now();
  const answer = await listModels(configured, TIMEOUT_MS);
  const atMs = (startedAtMs + Date.now()) / 2;
  const clock = answer.date === undefined ? undefined : { theirsMs: Date.parse(answer.date), atMs };
  const isRealtime = 'engine' in configured && configured.engine === 'realtime';
  const why = 'engineReason' in configured ? configured.engineReason : undefined;
  const how = `${isRealtime ? ' over Realtime' : ''}${why === undefined ? '' : ` (${String(why)})`}`;
  const place = `${new URL(configured.baseUrl).host}${how}`;
  const finding = (verdict: Finding['verdict'], found: string, todo?: string): CheckResult => ({
    findings: [{ what, verdict, found: `${place}${via(configured.proxy)}: ${found}`, todo }],
    clock,
  });
  const { problem, models } = answer;
  if (problem === 'key') return finding('fail', 'rejects the key', 'set a key that is valid there');
  // Realtime servers need not have a list of models.
  if (problem !== undefined && !isRealtime)
    return finding('fail', problem, 'check the address, and that the server is running');
  const { verdict, found, todo } = await trials.run(what);
  if (verdict === 'fail' || !models || models.includes(configured.model))
    return finding(verdict, found, todo);
  return finding(
    'warn',
    `does not list ${configured.model}; ${found}`,
    `set ${isRealtime ? 'REALTIME' : what.toUpperCase()}_MODEL to one that it lists`,
  );
}

/** Asks the Realtime model that replies to callers, if there is one. */
async function replies({ speechToSpeech }: Settings, trials: ServiceTrials): Promise<Finding[]> {
  if (!speechToSpeech) return [];
  const { baseUrl, proxy, reason, model } = speechToSpeech;
  const place = `${model} at ${new URL(baseUrl).host} (${reason})${via(proxy)}`;
  const { verdict, found, todo } = await trials.run('speech-to-speech');
  return [{ what: 'speech-to-speech', verdict, found: `${place}: ${found}`, todo }];
}

/** Sends an utterance to the Realtime server as calls do, if callers are transcribed there. */
async function streaming({ streamingTranscription }: Settings, trials: ServiceTrials): Promise<Finding[]> {
  if (!streamingTranscription) return [];
  const { baseUrl, proxy } = streamingTranscription;
  const place = `${new URL(baseUrl).host} over Realtime (TRANSCRIPTION_ENGINE=realtime)${via(proxy)}`;
  const { verdict, found, todo } = await trials.run('streaming-transcription');
  return [{ what: 'streaming transcription', verdict, found: `${place}: ${found}`, todo }];
}

/** Lets the model judge a recorded sentence, if there is one. */
async function endOfTurns({ endOfTurn }: Settings, trials: ServiceTrials): Promise<Finding[]> {
  if (!endOfTurn) return [];
  const { verdict, found, todo } = await trials.run('end-of-turn');
  const place = `${new URL(endOfTurn.url).host}${via(endOfTurn.proxy)}`;
  return [{ what: 'end of turns', verdict, found: `${place}: ${found}`, todo }];
}

/** The announced end dates of the models in use. */
async function models(settings: Settings): Promise<Finding[]> {
  const { transcription, streamingTranscription, chat, speech, speechToSpeech } = settings;
  const what = 'models';
  const services = [transcription, streamingTranscription, chat, speech, speechToSpeech].filter(
    (one) => one !== undefined,
  );
  if (services.length === 0) return [{ what, verdict: 'not checked', found: 'no service is configured' }];
  const endings = await within(findModelDeprecations(services));
  if (endings.length === 0)
    return [{ what, verdict: 'ok', found: 'no end is announced for the models in use' }];
  const today = new Date().toISOString().slice(0, 10);
  return endings.map(({ model, endsOn, successor }) => ({
    what,
    verdict: endsOn <= today ? 'fail' : 'warn',
    found: endsOn <= today ? `${model} ended on ${endsOn}` : `${model} ends on ${endsOn}`,
    todo: successor ?? 'set another model of the provider before that day',
  }));
}

async function database(settings: Settings): Promise<CheckResult> {
  const { databaseUrl } = settings;
  const [, file] = /^sqlite:(?!:memory:)(.+)/.exec(databaseUrl) ?? [];
  if (file !== undefined && !existsSync(file))
    return { findings: [{ what: 'database', verdict: 'ok', found: 'sqlite, created at the first start' }] };
  const catalogue = await configuredCatalogue(settings);
  try {
    const startedAtMs = performance.now();
    await within(catalogue.open());
    const { items } = await within(catalogue.list({}, { limit: 1 }));
    const tookMs = Math.round(performance.now() - startedAtMs);
    const kind = /^[a-z]+/.exec(databaseUrl)?.[0] ?? 'database';
    const last = items[0] ? `last call ${new Date(items[0].startedAtMs).toISOString()}` : 'no calls yet';
    const ignored = await ignoredOptions(databaseUrl);
    const unused = ignored.length > 0 ? `; without effect: ${ignored.join(', ')}` : '';
    return {
      findings: [
        { what: 'database', verdict: 'ok', found: `${kind} answers in ${tookMs} ms, ${last}${unused}` },
      ],
    };
  } finally {
    await catalogue.close();
  }
}

function installation({ recording: { directory } }: Settings): Finding {
  const what = 'installation';
  if (DataDirectory.exists(directory)) return { what, verdict: 'ok', found: directory };
  const todo =
    'the first start creates one; if you expect calls, check that RECORDINGS_DIRECTORY is their directory';
  return { what, verdict: 'warn', found: `not created yet in ${directory}`, todo };
}

function filePermissions(settings: Settings, cwd: string): Finding[] {
  const what = 'file permissions';
  const found = readableFiles(settings, cwd);
  if (found.length === 0) return [{ what, verdict: 'ok', found: 'keys, recordings and texts are private' }];
  return found.map(({ path: file, mode, command }) => ({
    what,
    verdict: 'warn',
    found: `other users can read ${file} (mode ${mode})`,
    todo: command,
  }));
}

function clockOf(readings: readonly { theirsMs: number; atMs: number }[]): Finding {
  const [reading] = readings.filter(({ theirsMs }) => !Number.isNaN(theirsMs));
  const what = 'clock';
  if (!reading) return { what, verdict: 'not checked', found: 'no service returned its time' };
  // The header counts whole seconds.
  const offMs = Math.max(0, Math.abs(reading.atMs - reading.theirsMs - 500) - 500);
  const found = `${(offMs / 1_000).toFixed(1)} s off`;
  const todo = 'enable time synchronisation (NTP): signatures and the times in files depend on it';
  if (offMs > CLOCK_WRONG_MS) return { what, verdict: 'fail', found, todo };
  return offMs > CLOCK_INACCURATE_MS
    ? { what, verdict: 'warn', found, todo }
    : { what, verdict: 'ok', found };
}
