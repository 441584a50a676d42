import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { loadPrompts } from '../app/load-prompts.ts';
import type { AudioFormat } from '../audio/formats/formats.ts';
import { createLog } from '../log.ts';
import type { Settings } from '../settings/settings.ts';
import { fastReplay } from '../simulator/fast-replay.ts';
import { type Fixture, FixtureError, readFixture } from '../simulator/fixtures/fixture.ts';
import { ProgressLines } from '../simulator/progress-lines.ts';
import { resultTable } from '../simulator/result-table.ts';
import { shippedPrompts } from '../storage/package-files.ts';
import { createDirectories } from './check-directories.ts';
import { settingsFor, type Surroundings } from './command-settings.ts';
import { printError } from './terminal/console.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { liveReplay } from './live-replay.ts';

export interface ReplayOptions {
  readonly fast?: boolean;
  readonly format?: AudioFormat;
  readonly out?: string;
}

/** Replays a recorded call: in real time, or without waiting under a virtual clock. */
export async function replay(
  file: string,
  options: ReplayOptions,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const fixture = open(file);
  if (typeof fixture === 'string') {
    printError(fixture);
    return EXIT.misused;
  }
  // The access rules of the real server's routes do not apply to the replay's server.
  const local = { TWILIO_AUTH_TOKEN: '', PUBLIC_URL: '' };
  const format = options.format && { DEFAULT_AUDIO_FORMAT: options.format };
  const given = settingsFor(surroundings, { ...format, ...local }).settings;
  const directory = path.resolve(options.out ?? path.join(given.recording.directory, 'replayed'));
  createDirectories({ [options.out === undefined ? 'RECORDINGS_DIRECTORY' : '--out']: directory });
  const settings = { ...given, recording: { ...given.recording, directory, enabled: true } };
  await (options.fast ? fast(fixture, settings, options.format !== undefined) : live(fixture, settings));
  return EXIT.done;
}

async function fast(fixture: Fixture, settings: Settings, ownFormat: boolean): Promise<void> {
  const startedAt = performance.now();
  const { directory } = settings.recording;
  const { files } = await fastReplay(fixture, {
    prompts: await promptsOf(settings),
    directory,
    recording: settings.recording,
    format: ownFormat ? settings.recording.defaultFormat : undefined,
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
}

async function live(fixture: Fixture, settings: Settings): Promise<void> {
  const progress = new ProgressLines();
  const { files, errors } = await liveReplay(fixture, {
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
  for (const error of errors) process.stdout.write(`Note: ${error}\n`);
}

async function promptsOf(settings: Settings) {
  return (await loadPrompts(settings.promptsDirectory, shippedPrompts(), settings.language)).book;
}

/** The recorded call, or the reason why it cannot be replayed. */
function open(file: string): Fixture | string {
  try {
    return readFixture(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof FixtureError) return `${file}: ${error.message}`;
    return `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
