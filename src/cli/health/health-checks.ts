import { randomUUID } from 'node:crypto';
import { accessSync, constants, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openConfiguredStore } from '../../app/open-configured-store.ts';
import { openCatalogue } from '../../catalogue/open-catalogue.ts';
import { asksForModels } from '../../openai/model-deprecations.ts';
import type { ServiceSettings, Settings } from '../../settings/settings.ts';
import { DataDirectory } from '../../storage/data-directory.ts';
import { isDirectory } from '../../storage/directories.ts';
import { DurableFile } from '../../storage/durable-file.ts';
import { TwilioRestClient } from '../../telephony/twilio/rest-client.ts';
import { readableFiles } from './readable-files.ts';

/** Nobody waits longer for one thing. */
const ANSWER_MS = 10_000;
const LEAST_FREE_BYTES = 200 * 1024 * 1024;
const LITTLE_FREE_BYTES = 2 * 1024 * 1024 * 1024;
/** A hundred calls at once write 1.7 MB/s. */
const PROBE_BYTES = 8 * 1024 * 1024;
const SLOW_BYTES_PER_SECOND = 5 * 1024 * 1024;
/** Twilio's and AWS's signatures bear a few minutes, tokens less. */
const CLOCK_OFF_MS = 5_000;
const CLOCK_WRONG_MS = 60_000;

/** One thing that was looked at. `todo`: what to do about it. */
export interface Finding {
  readonly what: string;
  readonly verdict: 'ok' | 'warn' | 'fail';
  readonly found: string;
  readonly todo?: string;
}

interface Answered {
  readonly findings: readonly Finding[];
  /** What the other side's clock said when ours said `atMs`. */
  readonly clock?: { readonly theirsMs: number; readonly atMs: number };
}

/** Looks at everything that offhook needs from outside, and at this machine. Leaves nothing behind and never throws. */
export async function runHealthChecks(
  settings: Settings,
  warnings: readonly string[],
  cwd = process.cwd(),
): Promise<Finding[]> {
  const asked = await Promise.all([
    service('transcription', settings.transcription),
    service('chat', settings.chat),
    service('speech', settings.speech),
    looked('telephony', () => telephony(settings)),
    looked('public address', () => publicAddress(settings)),
    looked('database', () => database(settings)),
    looked('object store', () => objectStore(settings)),
  ]);
  return [
    { what: 'settings', verdict: 'ok', found: 'all can be used' },
    ...warnings.map((found): Finding => ({ what: 'settings', verdict: 'warn', found })),
    installation(settings),
    ...filePermissions(settings, cwd),
    ...(await looked('disk', () => Promise.resolve({ findings: disk(settings) }))).findings,
    ...asked.flatMap(({ findings }) => findings),
    clockOf(asked.flatMap(({ clock }) => clock ?? [])),
  ];
}

async function looked(what: string, look: () => Promise<Answered>): Promise<Answered> {
  try {
    return await look();
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return { findings: [{ what, verdict: 'fail', found, todo: TODO[what] ?? 'see what the message says' }] };
  }
}

const TODO: Readonly<Record<string, string>> = {
  disk: 'make RECORDINGS_DIRECTORY writable for this user, or set another',
  telephony: 'compare TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN with the Twilio console',
  'public address': 'start the server and the tunnel, and see that PUBLIC_URL leads to it',
  database: 'start the database, and see that DATABASE_URL is right',
  'object store': 'compare RECORDINGS_STORE, S3_ENDPOINT and the key; README names the rights it needs',
};

/** A real request with the key that is configured. */
async function service(what: string, settings: ServiceSettings | undefined): Promise<Answered> {
  if (!settings) {
    const todo = `set OPENAI_API_KEY, or ${what.toUpperCase()}_BASE_URL for a server of your own`;
    return { findings: [{ what, verdict: 'warn', found: 'not configured', todo }] };
  }
  const startedAtMs = Date.now();
  const answer = await asksForModels(settings, ANSWER_MS);
  const atMs = (startedAtMs + Date.now()) / 2;
  const clock = answer.date === undefined ? {} : { clock: { theirsMs: Date.parse(answer.date), atMs } };
  const place = new URL(settings.baseUrl).host;
  const finding = (verdict: Finding['verdict'], found: string, todo?: string): Answered => ({
    findings: [{ what, verdict, found: `${place}: ${found}`, ...(todo !== undefined && { todo }) }],
    ...clock,
  });
  const { problem, models } = answer;
  if (problem === 'key') return finding('fail', 'does not take the key', 'set a key that is valid there');
  if (problem !== undefined)
    return finding('fail', problem, 'see that the address is right and the server runs');
  if (models && !models.includes(settings.model))
    return finding(
      'warn',
      `does not list ${settings.model}`,
      `set ${what.toUpperCase()}_MODEL to one it has`,
    );
  return finding('ok', `answers, with ${settings.model}`);
}

async function telephony({ twilio }: Settings): Promise<Answered> {
  const { accountSid, authToken, apiBaseUrl } = twilio;
  const what = 'telephony';
  if (!accountSid || !authToken) {
    const todo = 'set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and PUBLIC_URL to take calls from Twilio';
    return { findings: [{ what, verdict: 'warn', found: 'only this machine can place calls', todo }] };
  }
  const client = new TwilioRestClient({ accountSid, authToken, ...(apiBaseUrl && { apiBaseUrl }) });
  const status = await client.accountStatus();
  if (status === 'active')
    return { findings: [{ what, verdict: 'ok', found: 'Twilio knows the account and the token' }] };
  const todo = 'see what the Twilio console says of the account';
  return { findings: [{ what, verdict: 'warn', found: `the account is ${status}`, todo }] };
}

async function publicAddress({ publicUrl }: Settings): Promise<Answered> {
  const what = 'public address';
  if (!publicUrl) return { findings: [{ what, verdict: 'ok', found: 'none is set, none is needed' }] };
  const health = new URL(`${publicUrl.href.replace(/\/+$/, '')}/health`);
  const response = await fetch(health, { signal: AbortSignal.timeout(ANSWER_MS), redirect: 'error' });
  const body = (await response.json().catch(() => undefined)) as { status?: unknown } | undefined;
  const todo = `see what answers at ${health.host}: it is not offhook`;
  if (!response.ok || typeof body?.status !== 'string')
    return { findings: [{ what, verdict: 'fail', found: `answers ${response.status}`, todo }] };
  return {
    findings: [{ what, verdict: 'ok', found: `${publicUrl.host} leads to offhook (${body.status})` }],
  };
}

async function database({ databaseUrl }: Settings): Promise<Answered> {
  const [, file] = /^sqlite:(?!:memory:)(.+)/.exec(databaseUrl) ?? [];
  if (file !== undefined && !existsSync(file))
    return { findings: [{ what: 'database', verdict: 'ok', found: 'sqlite, made at the first start' }] };
  const catalogue = await openCatalogue(databaseUrl);
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

/** Puts a small file there, reads it back and removes it. */
async function objectStore(settings: Settings): Promise<Answered> {
  const store = await openConfiguredStore(settings);
  const what = 'object store';
  if (!store) return { findings: [{ what, verdict: 'ok', found: 'none is set, files stay in the folder' }] };
  const place = mkdtempSync(path.join(tmpdir(), 'offhook-doctor-'));
  const probe = new DurableFile(path.join(place, `doctor-${randomUUID()}`), place);
  probe.append(Buffer.from('offhook doctor'));
  const file = probe.commit();
  const url = `${store.url}/${path.basename(file.path)}`;
  try {
    await store.put(url, file, 'text/plain', AbortSignal.timeout(ANSWER_MS));
    await store.remove(url);
    return { findings: [{ what, verdict: 'ok', found: `${store.url} takes, keeps and removes a file` }] };
  } finally {
    rmSync(place, { recursive: true, force: true });
    store.close();
  }
}

function installation({ recording: { directory } }: Settings): Finding {
  const what = 'installation';
  if (DataDirectory.exists(directory)) return { what, verdict: 'ok', found: directory };
  const todo =
    'the first start makes one; if there should be calls, see that RECORDINGS_DIRECTORY names their folder';
  return { what, verdict: 'warn', found: `there is none in ${directory} yet`, todo };
}

function filePermissions(settings: Settings, cwd: string): Finding[] {
  const what = 'file permissions';
  const found = readableFiles(settings, cwd);
  if (found.length === 0) return [{ what, verdict: 'ok', found: 'keys, recordings and texts are private' }];
  return found.map(({ path: place, mode, command }) => ({
    ...{ what, verdict: 'warn', found: `other users can read ${place} (mode ${mode})`, todo: command },
  }));
}

function disk({ recording: { directory } }: Settings): Finding[] {
  const place = nearestTo(directory);
  if (!isDirectory(place)) throw new Error(`${place} is no folder`);
  accessSync(place, constants.W_OK);
  const { bavail, bsize, blocks } = statfsSync(place);
  if (blocks === 0) throw new Error(`no files can be kept in ${place}`);
  const space = spaceFinding(bavail * bsize);
  return place === directory ? [space, speedFinding(writtenPerSecond(directory))] : [space];
}

/** A place, or what is above it where it is not there yet. */
function nearestTo(place: string): string {
  return existsSync(place) ? place : nearestTo(path.dirname(place));
}

function writtenPerSecond(recordings: string): number {
  const aside = path.join(recordings, '.offhook', 'aside');
  const place = isDirectory(aside) ? aside : recordings;
  const startedAtMs = performance.now();
  const probe = new DurableFile(path.join(place, `doctor-${randomUUID()}`), place);
  const block = Buffer.alloc(PROBE_BYTES / 8, 'offhook');
  try {
    for (let part = 0; part < 8; part += 1) probe.append(block);
  } catch (error) {
    probe.abandon();
    throw error;
  }
  rmSync(probe.commit().path, { force: true });
  return (PROBE_BYTES * 1_000) / (performance.now() - startedAtMs);
}

function spaceFinding(freeBytes: number): Finding {
  const found = `${(freeBytes / 1024 ** 3).toFixed(1)} GiB are free`;
  const todo =
    'make room: a minute of a call takes about 1 MB as MP3 and as much as a journal while it lasts';
  const what = 'disk space';
  if (freeBytes < LEAST_FREE_BYTES) return { what, verdict: 'fail', found, todo };
  return freeBytes < LITTLE_FREE_BYTES
    ? { what, verdict: 'warn', found, todo }
    : { what, verdict: 'ok', found };
}

function speedFinding(bytesPerSecond: number): Finding {
  const found = `writes and syncs ${(bytesPerSecond / 1024 ** 2).toFixed(0)} MiB/s`;
  const what = 'disk speed';
  if (bytesPerSecond >= SLOW_BYTES_PER_SECOND) return { what, verdict: 'ok', found };
  return { what, verdict: 'warn', found, todo: 'put RECORDINGS_DIRECTORY on a faster disk for many calls' };
}

function clockOf(readings: readonly { theirsMs: number; atMs: number }[]): Finding {
  const [reading] = readings.filter(({ theirsMs }) => !Number.isNaN(theirsMs));
  const what = 'clock';
  if (!reading) return { what, verdict: 'ok', found: 'not compared: no service answered with its time' };
  // The header counts whole seconds.
  const offMs = Math.max(0, Math.abs(reading.atMs - reading.theirsMs - 500) - 500);
  const found = `${(offMs / 1_000).toFixed(1)} s off`;
  const todo = 'switch time synchronisation on (NTP): signatures and the times in files depend on it';
  if (offMs > CLOCK_WRONG_MS) return { what, verdict: 'fail', found, todo };
  return offMs > CLOCK_OFF_MS ? { what, verdict: 'warn', found, todo } : { what, verdict: 'ok', found };
}

function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_MS / 1_000} s`)), ANSWER_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
