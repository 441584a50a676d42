import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { DATE_FORMATS, parseDate } from '../api/parse-date.ts';
import { AUDIO_FORMATS } from '../audio/formats/formats.ts';
import { CALL_SID } from '../events/call-sid.ts';
import { packageVersion } from '../storage/package-files.ts';
import {
  type CommandSettings,
  settingsFor,
  type Surroundings,
  UnusableSettings,
} from './command-settings.ts';
import { printError } from './console.ts';
import { EXIT, EXIT_CODES_HELP, type ExitCode } from './exit-codes.ts';
import { EXPORT_KINDS, type ExportOptions } from './export-kinds.ts';
import { restrictNewFiles } from './file-permissions.ts';
import type { ReplayOptions } from './replay.ts';

// What the store's and DynamoDB's library says of Node 20 at every start is known, and no user's affair.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
restrictNewFiles();
const surroundings: Surroundings = { cwd: process.cwd(), env: process.env };
let code: ExitCode = EXIT.done;

/** The settings of a command, which also say who may read the files that it makes. */
function configured(): CommandSettings {
  const given = settingsFor(surroundings);
  restrictNewFiles(given.settings.fileGroup);
  return given;
}

/** Commands are loaded when they are run: `--help` waits for nothing. */
function program(): Command {
  const offhook = new Command('offhook')
    .description('A self-hosted telephone voice assistant that keeps an accurate record of every call.')
    .version(packageVersion())
    .exitOverride()
    .showHelpAfterError()
    .addHelpText('after', EXIT_CODES_HELP);
  for (const command of [
    serve(),
    demo(),
    replay(),
    fixture(),
    exporting(),
    finish(),
    reindex(),
    erase(),
    doctor(),
  ])
    offhook.addCommand(command.copyInheritedSettings(offhook));
  return offhook;
}

function serve(): Command {
  return new Command('serve')
    .description('Takes calls, until SIGTERM or SIGINT; a second signal ends live calls at once.')
    .action(async () => {
      const given = configured();
      code = await (await import('./serve.ts')).serve(given);
    });
}

function demo(): Command {
  return new Command('demo')
    .description(
      'Plays a recorded call through the real server over a real socket, in real time (about half a minute), and lists the files that it leaves in responses/. Needs no key, no account and no network; settings in .env play no part.',
    )
    .action(async () => {
      code = await (await import('./demo.ts')).demo();
    });
}

function replay(): Command {
  return new Command('replay')
    .description('Plays a recorded call again (fixtures/calls/*.jsonl, or what `fixture` wrote).')
    .argument('<file>', 'the recorded call')
    .option(
      '--fast',
      'in this process under a virtual clock: no waiting, the same bytes each time (otherwise in real time, over a socket, into the real server)',
    )
    .addOption(
      new Option(
        '--format <format>',
        'format of the recording (default: as recorded with --fast, else DEFAULT_AUDIO_FORMAT)',
      ).choices(AUDIO_FORMATS),
    )
    .option(
      '--out <folder>',
      'where the files go (default: replayed/ in RECORDINGS_DIRECTORY; erasing and RETENTION_DAYS leave them alone)',
    )
    .action(async (file: string, options: ReplayOptions) => {
      code = await (await import('./replay.ts')).replay(file, options, surroundings);
    });
}

function fixture(): Command {
  return new Command('fixture')
    .description(
      'Writes a call as a recorded call that `replay` plays again: what went over the wire both ways, and what the services answered. The call may still be going on; a finished one is there if KEEP_JOURNALS was true. What was said is in the file.',
    )
    .addArgument(callSidArgument('<callSid>'))
    .option('--out <file>', 'default: fixtures/calls/CALLSID.jsonl')
    .action(async (callSid: string, { out }: { out?: string }) => {
      const { settings } = configured();
      code = (await import('./fixture.ts')).writeCallFixture(callSid, out, settings);
    });
}

function exporting(): Command {
  return new Command('export')
    .description(
      'Exports all calls of a period, with their recordings as ZIP or without as JSON Lines, from the folder and the store. With a CallSid instead it is `fixture`.',
    )
    .addArgument(callSidArgument('[callSid]'))
    .option(
      '--from <date>',
      'calls that began then or later, as in 2026-07-13 or 2026-07-13T10:30:00Z',
      moment,
    )
    .option('--before <date>', 'calls that began earlier than this', moment)
    .addOption(new Option('--as <kind>', 'what to write').choices(EXPORT_KINDS).default('zip'))
    .option('--out <file>', 'where to; - is stdout (default: calls.zip or calls.jsonl)')
    .action(async (callSid: string | undefined, options: ExportOptions & { out?: string }) => {
      const { settings } = configured();
      if (callSid === undefined) code = await (await import('./export.ts')).exportCalls(options, settings);
      else code = (await import('./fixture.ts')).writeCallFixture(callSid, options.out, settings);
    });
}

function finish(): Command {
  return new Command('finish')
    .description(
      'Does what is left: calls of processes that died, missing transcripts and summaries, failed encodings, files that the store lacks. A server may run meanwhile.',
    )
    .action(async () => {
      const { settings } = configured();
      code = await (await import('./finish.ts')).finish(settings);
    });
}

function reindex(): Command {
  return new Command('reindex')
    .description(
      'Makes the catalogue from the .json files of the recordings folder. A server may run meanwhile; calls that go on are left alone.',
    )
    .option('--prune', 'also removes entries of calls that are not in this folder (always done with SQLite)')
    .option('--json', 'the result as JSON')
    .action(async ({ prune = false, json = false }: { prune?: boolean; json?: boolean }) => {
      const { settings } = configured();
      const { isOwnDatabase, reindexCalls } = await import('./reindex.ts');
      code = await reindexCalls(settings, prune || isOwnDatabase(settings), json);
    });
}

function erase(): Command {
  return new Command('erase')
    .description(
      'Removes one call, or all calls from or to a number, with everything of them: files, journals, entries and words in the catalogue, copies in the store. Gives a receipt (JSON) on stdout. Calls on hold and calls that go on are refused.',
    )
    .argument('<what>', 'a CallSid, or a whole telephone number or address as in +4930123456 or client:zoe')
    .requiredOption('--yes', 'it cannot be undone')
    .action(async (what: string) => {
      const { settings } = configured();
      code = await (await import('./erase.ts')).erase(what, settings);
    });
}

function doctor(): Command {
  return new Command('doctor')
    .description(
      'Checks settings, services and their keys (a real request each), disk, database, clock, public address and object store, and says what to do.',
    )
    .option('--json', 'the findings as JSON')
    .action(async ({ json = false }: { json?: boolean }) => {
      const given = configured();
      code = await (await import('./doctor.ts')).doctor(given, json);
    });
}

function moment(text: string): number {
  const atMs = parseDate(text);
  if (atMs !== undefined) return atMs;
  throw new InvalidArgumentError(`It must be ${DATE_FORMATS}.`);
}

function callSidArgument(name: string): Argument {
  return new Argument(name, 'as Twilio names the call (CA and 32 hexadecimal digits)').argParser(
    (text: string) => {
      if (CALL_SID.test(text)) return text;
      throw new InvalidArgumentError(`"${text}" is not a CallSid.`);
    },
  );
}

function codeFor(error: unknown): ExitCode {
  // What commander refuses it has told; its help is no failure.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.misused;
  printError(error instanceof Error ? error.message : String(error));
  return error instanceof UnusableSettings ? EXIT.misused : EXIT.failed;
}

try {
  await program().parseAsync();
} catch (error) {
  code = codeFor(error);
}
// Whatever was written is out by then, into a pipe too.
process.stdout.write('', () => process.exit(code));
