import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { DATE_FORMATS, parseDate } from '../api/parse-date.ts';
import { AUDIO_FORMATS } from '../audio/formats/formats.ts';
import { CALL_SID } from '../events/call-sid.ts';
import { packageVersion } from '../storage/package-files.ts';
import { reportFailure } from './command-failure.ts';
import { type CommandSettings, settingsFor, type Surroundings } from './command-settings.ts';
import type { DrainOptions } from './drain.ts';
import { EXIT, EXIT_CODES_HELP, type ExitCode } from './exit-codes.ts';
import { EXPORT_KINDS, type ExportOptions } from './export-kinds.ts';
import { restrictNewFiles } from './file-permissions.ts';
import type { ReplayOptions } from './replay.ts';
import { machinesCommand } from './serve/machines-command.ts';
import { workerCommand } from './serve/worker-command.ts';
import { setupCommand } from './setup/setup-command.ts';

// The AWS SDK warns about Node 20 at every start; users need not act on that.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
restrictNewFiles();
const surroundings: Surroundings = { cwd: process.cwd(), env: process.env };
let code: ExitCode = EXIT.done;

/** The settings of a command; also sets the permissions of new files. */
function configured(): CommandSettings {
  const given = settingsFor(surroundings);
  restrictNewFiles(given.settings.fileGroup);
  return given;
}

/** Commands are loaded when they run, so that `--help` is fast. */
function program(): Command {
  const offhook = new Command('offhook')
    .description('A self-hosted telephone voice assistant that keeps an accurate record of every call.')
    .version(packageVersion())
    .exitOverride()
    .showHelpAfterError()
    .addHelpText('after', EXIT_CODES_HELP);
  for (const command of [
    setupCommand(surroundings, (ended) => (code = ended)),
    serve(),
    workerCommand(configured, (ended) => (code = ended)),
    machinesCommand(configured, (ended) => (code = ended)),
    draining(),
    demo(),
    replay(),
    fixture(),
    exporting(),
    finish(),
    reindex(),
    erase(),
    verify(),
    doctor(),
  ])
    offhook.addCommand(command.copyInheritedSettings(offhook));
  offhook.addCommand(callProcess(), { hidden: true });
  return offhook;
}

function serve(): Command {
  return new Command('serve')
    .description('Runs the server until SIGTERM or SIGINT; a second signal ends live calls at once.')
    .action(async () => {
      const given = configured();
      code = await (await import('./serve/serve.ts')).serve(given);
    });
}

function draining(): Command {
  return new Command('drain')
    .description(
      'Makes the server that runs with these settings on this machine accept no new calls; live ones continue.',
    )
    .option('--wait', 'wait until no call is left')
    .option('--undo', 'accept new calls again')
    .action(async (options: DrainOptions) => {
      const { settings } = configured();
      code = await (await import('./drain.ts')).drain(settings, options);
    });
}

/** Started by `serve`. */
function callProcess(): Command {
  return new Command('call-process').argument('<number>').action(async (number: string) => {
    const given = configured();
    code = await (await import('./serve/call-process.ts')).callProcess(given, Number(number));
  });
}

function demo(): Command {
  return new Command('demo')
    .description(
      'Plays a recorded call through the real server over a real socket, in real time (about half a minute), and lists the files in responses/. Needs no key, no account and no network; ignores .env.',
    )
    .action(async () => {
      code = await (await import('./demo.ts')).demo();
    });
}

function replay(): Command {
  return new Command('replay')
    .description('Replays a recorded call (fixtures/calls/*.jsonl, or the output of `fixture`).')
    .argument('<file>', 'the recorded call')
    .option(
      '--fast',
      'in this process under a virtual clock: no waiting, the same bytes each time (default: in real time, over a socket, with the real server)',
    )
    .addOption(
      new Option(
        '--format <format>',
        'format of the recording (default: as recorded with --fast, else DEFAULT_AUDIO_FORMAT)',
      ).choices(AUDIO_FORMATS),
    )
    .option(
      '--out <folder>',
      'output directory (default: replayed/ in RECORDINGS_DIRECTORY; not affected by erase and RETENTION_DAYS)',
    )
    .action(async (file: string, options: ReplayOptions) => {
      code = await (await import('./replay.ts')).replay(file, options, surroundings);
    });
}

function fixture(): Command {
  return new Command('fixture')
    .description(
      'Writes a call as a recorded call for `replay`: the wire messages in both directions and the answers of the services. The call may be live; a finished one is available if KEEP_JOURNALS was true. The file contains what was said.',
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
      'Exports all calls of a period, with their recordings as ZIP or without as JSON Lines, from the directory and the object store. With a CallSid it is the same as `fixture`.',
    )
    .addArgument(callSidArgument('[callSid]'))
    .option(
      '--from <date>',
      'calls that began at or after this time, such as 2026-07-13 or 2026-07-13T10:30:00Z',
      moment,
    )
    .option('--before <date>', 'calls that began before this time', moment)
    .addOption(new Option('--as <kind>', 'output format').choices(EXPORT_KINDS).default('zip'))
    .option('--out <file>', 'output file; - is stdout (default: calls.zip or calls.jsonl)')
    .action(async (callSid: string | undefined, options: ExportOptions & { out?: string }) => {
      const { settings } = configured();
      if (callSid === undefined) code = await (await import('./export.ts')).exportCalls(options, settings);
      else code = (await import('./fixture.ts')).writeCallFixture(callSid, options.out, settings);
    });
}

function finish(): Command {
  return new Command('finish')
    .description(
      'Completes unfinished work: calls of crashed processes, missing transcripts and summaries, failed encodings, missing uploads. May run while a server is running.',
    )
    .action(async () => {
      const { settings } = configured();
      code = await (await import('./finish.ts')).finish(settings);
    });
}

function reindex(): Command {
  return new Command('reindex')
    .description(
      'Rebuilds the catalogue from the .json files of the recordings directory. May run while a server is running; live calls are not affected.',
    )
    .option(
      '--prune',
      'also remove entries of calls that are not in this directory (always done with SQLite)',
    )
    .option('--json', 'print the result as JSON')
    .action(async ({ prune = false, json = false }: { prune?: boolean; json?: boolean }) => {
      const { settings } = configured();
      const { isOwnDatabase, reindexCalls } = await import('./reindex.ts');
      code = await reindexCalls(settings, prune || isOwnDatabase(settings), json);
    });
}

function erase(): Command {
  return new Command('erase')
    .description(
      'Erases one call, or all calls from or to a number, with all their data: files, journals, catalogue entries, copies in the object store. Prints a receipt (JSON) on stdout. Refuses calls on hold and live calls.',
    )
    .argument(
      '<what>',
      'a CallSid, a complete telephone number or address such as +4930123456 or client:zoe, or `withheld` for all withheld numbers',
    )
    .requiredOption('--yes', 'confirm: this cannot be undone')
    .action(async (what: string) => {
      const { settings } = configured();
      code = await (await import('./erase.ts')).erase(what, settings);
    });
}

function verify(): Command {
  return new Command('verify')
    .description(
      'Checks the files of a finished call with decoders of their own: checksum, length, level, sound at the time of each turn, and the placement against the journal if it was kept.',
    )
    .addArgument(callSidArgument('<callSid>'))
    .option('--json', 'print the checks as JSON')
    .action(async (callSid: string, { json = false }: { json?: boolean }) => {
      const { settings } = configured();
      code = await (await import('./verify.ts')).verify(callSid, settings, json);
    });
}

function doctor(): Command {
  return new Command('doctor')
    .description(
      'Checks settings, services and their keys (a real request each), disk, database, clock, public address and object store, and says what to fix.',
    )
    .option('--json', 'print the findings as JSON')
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
  return new Argument(name, 'the CallSid from Twilio (CA and 32 hexadecimal digits)').argParser(
    (text: string) => {
      if (CALL_SID.test(text)) return text;
      throw new InvalidArgumentError(`"${text}" is not a CallSid.`);
    },
  );
}

try {
  await program().parseAsync();
} catch (error) {
  code = reportFailure(error);
}
await (await import('../app/tracing/flush-spans.ts')).flushSpans();
// Everything written before is flushed by then, also to a pipe.
process.stdout.write('', () => process.exit(code));
