import { existsSync } from 'node:fs';
import { configuredCatalogue } from '../../app/open-configured-catalogue.ts';
import { listModels } from '../../openai/server/model-deprecations.ts';
import type { ProfiledService } from '../../openai/server/server-profiles.ts';
import { fetchThrough } from '../../proxy/proxy-fetch.ts';
import { proxyFor } from '../../settings/proxies.ts';
import type { Settings } from '../../settings/settings.ts';
import { DataDirectory } from '../../storage/data-directory.ts';
import { errorText } from '../../storage/file-system-errors.ts';
import { TwilioRestClient } from '../../telephony/twilio/rest-client.ts';
import { checkDisk } from './disk-checks.ts';
import { checkFileSystems } from './file-system-check.ts';
import type { Finding } from './finding.ts';
import { checkStore } from './store-check.ts';
import { readableFiles } from './readable-files.ts';
import { ServiceTrials } from '../../app/services/service-trials.ts';
import { via } from './via.ts';

/** Time limit of each check. */
const TIMEOUT_MS = 10_000;
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
    service('chat', settings, trials),
    service('speech', settings, trials),
    check('telephony', () => telephony(settings)),
    check('public address', () => publicAddress(settings)),
    check('database', () => database(settings)),
    check('object store', async () => ({ findings: await checkStore(settings) })),
  ]);
  return [
    { what: 'settings', verdict: 'ok', found: 'all valid' },
    ...warnings.map((found): Finding => ({ what: 'settings', verdict: 'warn', found })),
    installation(settings),
    ...filePermissions(settings, cwd),
    ...(await check('disk', () => Promise.resolve({ findings: checkDisk(settings) }))).findings,
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
  telephony: 'compare TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN with the Twilio console',
  'public address': 'start the server and the tunnel, and check that PUBLIC_URL leads to it',
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
  const place = new URL(configured.baseUrl).host;
  const finding = (verdict: Finding['verdict'], found: string, todo?: string): CheckResult => ({
    findings: [{ what, verdict, found: `${place}${via(configured.proxy)}: ${found}`, todo }],
    clock,
  });
  const { problem, models } = answer;
  if (problem === 'key') return finding('fail', 'rejects the key', 'set a key that is valid there');
  if (problem !== undefined)
    return finding('fail', problem, 'check the address, and that the server is running');
  const { verdict, found, todo } = await trials.run(what);
  if (verdict === 'fail' || !models || models.includes(configured.model))
    return finding(verdict, found, todo);
  return finding(
    'warn',
    `does not list ${configured.model}; ${found}`,
    `set ${what.toUpperCase()}_MODEL to one that it lists`,
  );
}

async function telephony({ twilio }: Settings): Promise<CheckResult> {
  const { accountSid, authToken, ...way } = twilio;
  const what = 'telephony';
  if (!accountSid || !authToken) {
    const todo = 'set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and PUBLIC_URL to receive calls from Twilio';
    return { findings: [{ what, verdict: 'warn', found: 'only this machine can place calls', todo }] };
  }
  const client = new TwilioRestClient({ accountSid, authToken, ...way });
  const status = await client.accountStatus();
  if (status === 'active')
    return {
      findings: [
        { what, verdict: 'ok', found: `Twilio accepts the account and the token${via(twilio.proxy)}` },
      ],
    };
  const todo = 'check the account in the Twilio console';
  return { findings: [{ what, verdict: 'warn', found: `the account is ${status}`, todo }] };
}

async function publicAddress({ publicUrl, proxies }: Settings): Promise<CheckResult> {
  const what = 'public address';
  if (!publicUrl) return { findings: [{ what, verdict: 'ok', found: 'not set and not needed' }] };
  const health = new URL(`${publicUrl.href.replace(/\/+$/, '')}/health`);
  const response = await fetchThrough(proxyFor(health.href, proxies))(health, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
    redirect: 'error',
  });
  const body = (await response.json().catch(() => undefined)) as { status?: unknown } | undefined;
  const todo = `check which server answers at ${health.host}: it is not offhook`;
  if (!response.ok || typeof body?.status !== 'string')
    return { findings: [{ what, verdict: 'fail', found: `answers ${response.status}`, todo }] };
  return {
    findings: [{ what, verdict: 'ok', found: `${publicUrl.host} leads to offhook (${body.status})` }],
  };
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
    return {
      findings: [{ what: 'database', verdict: 'ok', found: `${kind} answers in ${tookMs} ms, ${last}` }],
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
  if (!reading) return { what, verdict: 'ok', found: 'not checked: no service returned its time' };
  // The header counts whole seconds.
  const offMs = Math.max(0, Math.abs(reading.atMs - reading.theirsMs - 500) - 500);
  const found = `${(offMs / 1_000).toFixed(1)} s off`;
  const todo = 'enable time synchronisation (NTP): signatures and the times in files depend on it';
  if (offMs > CLOCK_WRONG_MS) return { what, verdict: 'fail', found, todo };
  return offMs > CLOCK_INACCURATE_MS
    ? { what, verdict: 'warn', found, todo }
    : { what, verdict: 'ok', found };
}

function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${TIMEOUT_MS / 1_000} s`)), TIMEOUT_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
