import { BackOffice } from './back-office.ts';
import { catalogueOf } from './catalogue-of.ts';
import { fileStoreOf } from './file-store-of.ts';
import { createLog } from './log.ts';
import { servicesOf } from './services.ts';
import { loadSettings, type Settings } from './settings.ts';

/** One call may hold many utterances, and nobody waits on a line for their texts. */
const TEXTS_WITHIN_MS = 300_000;
/** Exit codes: everything is there; it could not be tried; something is still missing. */
const DONE = 0;
const FAILED = 1;
const LEFT = 2;

const result = loadSettings(process.cwd(), process.env);
if (result.ok) process.exit(await finish(result.settings).catch(failed));
process.stderr.write(`these settings cannot be used:\n${result.errors.map((e) => `  - ${e}\n`).join('')}`);
process.exit(FAILED);

/** Does what earlier processes left undone in the recordings folder; a server may run meanwhile. */
async function finish(settings: Settings): Promise<number> {
  const services = servicesOf(settings);
  const store = await fileStoreOf(settings);
  const log = createLog({ level: settings.logLevel === 'info' ? 'warn' : settings.logLevel });
  const catalogue = await catalogueOf(settings, log);
  let calls = 0;
  const office = new BackOffice({
    settings: {
      ...settings,
      limits: { ...settings.limits, finishWaitMs: Math.max(TEXTS_WITHIN_MS, settings.limits.finishWaitMs) },
    },
    services,
    ...(store && { store }),
    catalogue,
    log,
    now: () => performance.timeOrigin + performance.now(),
    finished: (news) => {
      if (news.kind === 'trouble') return say(`${news.callSid}: ${news.doing} failed: ${String(news.error)}`);
      calls += 1;
      const { audio, pending, turns } = news.files.json;
      const missing = pending > 0 ? `, ${pending} without a text` : '';
      say(
        `${news.callSid}: ${audio?.file ?? 'no recording'}, ${turns.length} turns${missing}, ${Math.round(news.tookMs)} ms`,
      );
    },
  });
  await office.begin();
  say(`finishing what was left in ${settings.recording.directory}`);
  const left = await office.finishLeftBehind();
  await office.end();
  say(calls === 0 && left === 0 ? 'nothing was left to do' : `${calls} calls finished, ${left} not complete`);
  if (left > 0 && !services.transcriber)
    say('their words can be written down once OPENAI_API_KEY or TRANSCRIPTION_BASE_URL is set');
  return left === 0 ? DONE : LEFT;
}

function failed(error: unknown): number {
  process.stderr.write(`finishing failed: ${String(error)}\n`);
  return FAILED;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
