import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadPrompts } from '../app/load-prompts.ts';
import { createLog } from '../log.ts';
import { readSettings } from '../settings/settings.ts';
import { readFixture } from '../simulator/fixtures/fixture.ts';
import { ProgressLines } from '../simulator/progress-lines.ts';
import { resultTable } from '../simulator/result-table.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { liveReplay } from './live-replay.ts';

const root = new URL('../../', import.meta.url);
/**
 * Plays a recorded call through the real server over a real socket, in real time, and lists the files that it leaves in
 * responses/. Needs no key, no account and no network; settings in .env play no part.
 */
export async function demo(): Promise<ExitCode> {
  const result = readSettings(
    { RECORDINGS_DIRECTORY: 'responses' },
    { dotEnv: {}, audioConfig: {} },
    fileURLToPath(root),
  );
  if (!result.ok) throw new Error(result.errors.join('\n'));
  const { settings } = result;
  const shipped = fileURLToPath(new URL('prompts', root));
  const prompts = await loadPrompts(shipped, shipped, 'en');
  const fixture = readFixture(readFileSync(new URL('fixtures/calls/barge-in.jsonl', root), 'utf8'));
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };
  process.stdout.write(
    'A recorded caller calls the real server now, over a real socket and in real time.\n' +
      'Transcription, replies, speech and summary are recorded answers of the services: no key is used.\n\n',
  );
  const progress = new ProgressLines();
  const { files, troubles } = await liveReplay(fixture, {
    settings,
    prompts: prompts.book,
    log: createLog({ level: 'error' }),
    version,
    watch: (event) => {
      const line = progress.lineOf(event);
      if (line !== undefined) process.stdout.write(`${line}\n`);
    },
  });
  process.stdout.write(`\n${resultTable(files, settings.recording.directory)}\n`);
  for (const trouble of troubles) process.stdout.write(`Note: ${trouble}\n`);
  process.stdout.write(
    '\nNext: `npm start`, then call it yourself at http://localhost:8000/phone, which needs no key and no number.\n' +
      'For a conversation set a key, for the telephone a number: see README.md.\n',
  );
  return EXIT.done;
}
