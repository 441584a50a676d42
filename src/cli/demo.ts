import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { loadPrompts } from '../app/load-prompts.ts';
import { createLog } from '../log.ts';
import { readSettings } from '../settings/settings.ts';
import { readFixture } from '../simulator/fixtures/fixture.ts';
import { ProgressLines } from '../simulator/progress-lines.ts';
import { resultTable } from '../simulator/result-table.ts';
import { DataDirectory } from '../storage/data-directory.ts';
import { PACKAGE_ROOT, packageVersion, shippedPrompts } from '../storage/package-files.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { liveReplay } from './live-replay.ts';
import { checkLine, checksOf } from './verify.ts';

const RECORDED_CALL = 'fixtures/calls/barge-in.jsonl';

/**
 * Plays a recorded call through the real server over a real socket, in real time, and lists the files in responses/.
 * Needs no key, no account and no network; ignores .env.
 */
export async function demo(): Promise<ExitCode> {
  const result = readSettings(
    // The journal is kept until the files have been checked against it.
    { RECORDINGS_DIRECTORY: 'responses', KEEP_JOURNALS: 'true' },
    { dotEnv: {}, audioConfig: {} },
    process.cwd(),
  );
  if (!result.ok) throw new Error(result.errors.join('\n'));
  const { settings } = result;
  const prompts = await loadPrompts(shippedPrompts(), shippedPrompts(), 'en');
  const fixture = readFixture(readFileSync(path.join(PACKAGE_ROOT, RECORDED_CALL), 'utf8'));
  process.stdout.write(
    'A recorded caller now calls the real server, over a real socket and in real time.\n' +
      'Transcription, replies, speech and summary are recorded answers of the services; no key is needed.\n\n',
  );
  const progress = new ProgressLines();
  const { callSid, files, errors } = await liveReplay(fixture, {
    settings,
    prompts: prompts.book,
    log: createLog({ level: 'error' }),
    version: packageVersion(),
    watch: (event) => {
      const line = progress.lineOf(event);
      if (line !== undefined) process.stdout.write(`${line}\n`);
    },
  });
  process.stdout.write(`\n${resultTable(files, settings.recording.directory)}\n`);
  for (const error of errors) process.stdout.write(`Note: ${error}\n`);
  process.stdout.write('\nThe files, checked with decoders of their own:\n');
  const checks = (await checksOf(callSid, settings)) ?? [];
  rmSync(new DataDirectory(settings.recording.directory).keptPath(callSid), { force: true });
  for (const check of checks) process.stdout.write(`  ${checkLine(check)}\n`);
  process.stdout.write(
    `\nNext: \`${startCommand()}\`, then call it yourself at http://localhost:8000/phone, which needs neither a key nor a number.\n` +
      'To talk to the assistant, set a key; to use a telephone, add a number. See README.md.\n',
  );
  return checks.some(({ verdict }) => verdict === 'fail') ? EXIT.failed : EXIT.done;
}

/** A checkout has npm's scripts; the published package contains no sources and is run by npx. */
function startCommand(): string {
  return existsSync(path.join(PACKAGE_ROOT, 'src')) ? 'npm start' : 'npx offhook serve';
}
