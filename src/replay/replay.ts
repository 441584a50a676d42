import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AUDIO_FORMATS, isAudioFormat } from '../audio/formats/formats.ts';
import { loadPrompts } from '../installation/prompt-folder.ts';
import { createLog } from '../log.ts';
import { loadSettings, type Settings } from '../settings.ts';
import { fastReplay } from './fast-replay.ts';
import { FixtureError, readFixture, type Fixture } from './fixture.ts';
import { liveReplay } from './live-replay.ts';
import { ProgressLines } from './progress-lines.ts';
import { resultTable } from './result-table.ts';

const HELP = `npm run replay -- FILE [--fast] [--format FORMAT] [--out FOLDER]

Plays a recorded call (fixtures/calls/*.jsonl, or what \`npm run export\` wrote) again.
  FILE             the recorded call
  --fast           in this process under a virtual clock: no waiting, the same bytes each time
                   (otherwise in real time, over a socket, into the real server)
  --format FORMAT  ${AUDIO_FORMATS.join(', ')} (default: as recorded with --fast, else DEFAULT_AUDIO_FORMAT)
  --out FOLDER     where the files go (default: replayed/ in RECORDINGS_DIRECTORY)
`;

const root = new URL('../../', import.meta.url);
process.exitCode = await main();

async function main(): Promise<number> {
  const options = {
    fast: { type: 'boolean' },
    format: { type: 'string' },
    out: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  let parsed: {
    values: { fast?: boolean; format?: string; out?: string; help?: boolean };
    positionals: string[];
  };
  try {
    parsed = parseArgs({ options, allowPositionals: true });
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) return refuse('name one recorded call');
  if (values.format !== undefined && !isAudioFormat(values.format)) {
    return refuse(`"${values.format}" is not a format; supported are ${AUDIO_FORMATS.join(', ')}`);
  }
  const fixture = open(file);
  if (typeof fixture === 'string') return refuse(fixture);
  const format = isAudioFormat(values.format) ? { DEFAULT_AUDIO_FORMAT: values.format } : {};
  // A replay is no call: what protects the real server's routes does not concern its own.
  const local = { TWILIO_AUTH_TOKEN: '', PUBLIC_URL: '' };
  const result = loadSettings(process.cwd(), { ...process.env, ...format, ...local });
  if (!result.ok) return refuse(result.errors.join('\n'));
  const directory = path.resolve(values.out ?? path.join(result.settings.recording.directory, 'replayed'));
  const settings = {
    ...result.settings,
    recording: { ...result.settings.recording, directory, enabled: true },
  };
  return values.fast ? fast(fixture, settings, isAudioFormat(values.format)) : live(fixture, settings);
}

async function fast(fixture: Fixture, settings: Settings, ownFormat: boolean): Promise<number> {
  const startedAt = performance.now();
  const { directory } = settings.recording;
  const { files } = await fastReplay(fixture, {
    prompts: await promptsOf(settings),
    directory,
    recording: settings.recording,
    ...(ownFormat && { format: settings.recording.defaultFormat }),
  });
  process.stdout.write(`${resultTable(files, directory)}\n`);
  const hash = createHash('sha256');
  for (const name of readdirSync(directory)
    .filter((one) => one.includes(fixture.header.callSid))
    .sort()) {
    hash.update(readFileSync(path.join(directory, name)));
  }
  process.stdout.write(
    `\nAll files together: sha256 ${hash.digest('hex')}, in ${Math.round(performance.now() - startedAt)} ms.\n`,
  );
  return 0;
}

async function live(fixture: Fixture, settings: Settings): Promise<number> {
  const progress = new ProgressLines();
  const { files, troubles } = await liveReplay(fixture, {
    settings,
    prompts: await promptsOf(settings),
    log: createLog({ level: 'error' }),
    version: 'replay',
    watch: (event) => {
      const line = progress.lineOf(event);
      if (line !== undefined) process.stdout.write(`${line}\n`);
    },
  });
  process.stdout.write(`\n${resultTable(files, settings.recording.directory)}\n`);
  for (const trouble of troubles) process.stdout.write(`Note: ${trouble}\n`);
  return 0;
}

async function promptsOf(settings: Settings) {
  const shipped = fileURLToPath(new URL('prompts', root));
  return (await loadPrompts(settings.promptsDirectory, shipped, settings.language)).book;
}

/** The recorded call, or why it cannot be replayed. */
function open(file: string): Fixture | string {
  try {
    return readFixture(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof FixtureError) return `${file}: ${error.message}`;
    return `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function refuse(why: string): number {
  process.stderr.write(`${why}\n\n${HELP}`);
  return 2;
}
