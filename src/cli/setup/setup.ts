import type { Settings } from '../../settings/settings.ts';
import type { AccountNumber } from '../../telephony/twilio/phone-numbers.ts';
import type { Surroundings } from '../command-settings.ts';
import { settingsFor } from '../command-settings.ts';
import { printError, printLine } from '../terminal/console.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { chooseNumber, type OpenAccount, openAccount } from './number/account-step.ts';
import { type PublicAddress, setUpAddress } from './address/address-step.ts';
import { applyPlan } from './apply-plan.ts';
import { Cancelled, type Dialogue, MissingAnswer, UNATTENDED } from './dialogue.ts';
import { DraftSettings } from './draft-settings.ts';
import { unwritableReason } from './env-writer.ts';
import { routingTo } from './number/routing-plan.ts';
import { setUpServices } from './service-step.ts';
import type { SetupCommandLine } from './setup-options.ts';
import { generateSecrets, printPlan, routingChanges, type SetupPlan } from './setup-plan.ts';
import { SetupReport } from './setup-report.ts';
import type { SetupRun } from './setup-run.ts';
import { reportTestCall } from './test-call-report.ts';
import { TerminalDialogue } from './terminal-dialogue.ts';
import { undoSetup } from './number/undo.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** What has been changed when a signal ends the setup. */
interface Progress {
  changed: string;
}

/** From a fresh clone to a ringing phone: asks, checks, writes `.env`, sets the number, and places a test call. */
export async function setUp(surroundings: Surroundings, commandLine: SetupCommandLine): Promise<ExitCode> {
  const progress: Progress = { changed: 'nothing was changed' };
  let interrupt: () => void = () => undefined;
  const interrupted = new Promise<never>((_, reject) => (interrupt = () => reject(new Cancelled())));
  const ignore = (): void => SIGNALS.forEach((signal) => process.off(signal, interrupt));
  for (const signal of SIGNALS) process.once(signal, interrupt);
  try {
    const draft = new DraftSettings(surroundings, commandLine.given);
    const run: SetupRun = {
      commandLine,
      draft,
      dialogue: dialogueFor(commandLine),
      report: new SetupReport(),
    };
    const work = commandLine.undo ? undoSetup(run) : carryOut(run, surroundings, progress, ignore);
    return await Promise.race([work, interrupted]);
  } catch (error) {
    if (error instanceof Cancelled) printError(`Cancelled; ${progress.changed}.`);
    else if (error instanceof MissingAnswer) printError(error.message);
    else throw error;
    return error instanceof MissingAnswer ? EXIT.misused : EXIT.failed;
  } finally {
    ignore();
  }
}

function dialogueFor({ check }: SetupCommandLine): Dialogue {
  return !check && process.stdin.isTTY && process.stdout.isTTY ? new TerminalDialogue() : UNATTENDED;
}

async function carryOut(
  run: SetupRun,
  surroundings: Surroundings,
  progress: Progress,
  beforeServing: () => void,
): Promise<ExitCode> {
  const { commandLine, draft, dialogue, report } = run;
  const unwritable = unwritableReason(draft.envFile);
  if (unwritable !== undefined) {
    report.fail(
      '.env',
      unwritable,
      'run the setup as the user that owns it, in a directory that can be written to',
    );
    if (!commandLine.check) return EXIT.failed;
  }
  // First, because an empty password in the file makes its settings invalid.
  const generated = generateSecrets(draft);
  await step(run, 'services', () => setUpServices(run));
  let address: PublicAddress | undefined;
  try {
    const account = commandLine.twilio ? await step(run, 'Twilio', () => openAccount(run)) : undefined;
    if (commandLine.twilio)
      address = await step(run, 'public address', () => setUpAddress(run, surroundings));
    const plan = await planOf(run, account);
    const result = draft.read();
    if (!result.ok) for (const error of result.errors) report.fail('settings', error);
    printLine('');
    const isRefused = !result.ok || (report.failures > 0 && !commandLine.force);
    printPlan(draft, plan, commandLine.check || isRefused ? 'would change' : 'changes');
    if (commandLine.check) return report.failures === 0 ? EXIT.done : EXIT.failed;
    if (!result.ok || isRefused) {
      printError('Nothing was changed, because a check failed. --force continues in spite of it.');
      return EXIT.failed;
    }
    if (!commandLine.yes && !(await dialogue.confirm('Apply these changes?', true))) throw new Cancelled();
    const { settings } = result;
    if (!(await applyPlan(run, plan, settings, (changed) => (progress.changed = changed))))
      return EXIT.failed;
    const isCalled = !commandLine.testCall || (await reportTestCall(run, settings, plan.number, address));
    printEnd(settings, plan.number, generated, dialogue.isInteractive);
    if (isCalled && (await wantsServer(run, address))) {
      beforeServing();
      return await (await import('../serve/serve.ts')).serve(settingsFor(surroundings));
    }
    return isCalled ? EXIT.done : EXIT.failed;
  } finally {
    await address?.tunnel?.close();
  }
}

/** Runs a step; with `--check` a missing answer is a finding, and the next step follows. */
async function step<T>(run: SetupRun, what: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!run.commandLine.check || !(error instanceof MissingAnswer)) throw error;
    run.report.fail(what, error.message);
    return undefined;
  }
}

async function planOf(run: SetupRun, account: OpenAccount | undefined): Promise<SetupPlan> {
  const { commandLine, draft } = run;
  const publicUrl = draft.value('PUBLIC_URL');
  if (!account || publicUrl === undefined) return { env: draft.changes(), routing: [] };
  const wanted = routingTo(publicUrl, commandLine.fallbackUrl);
  const number = await step(run, 'number', () => chooseNumber(run, account.numbers, wanted.voiceUrl));
  const routing = number && (await routingChanges(run, number, wanted));
  return { env: draft.changes(), number: routing && number, routing: routing ?? [] };
}

function printEnd(
  settings: Settings,
  number: AccountNumber | undefined,
  generated: readonly string[],
  isInteractive: boolean,
): void {
  const password = generated.includes('ADMIN_PASSWORD') ? settings.access.adminPassword : undefined;
  printLine('');
  // A script's output is often kept.
  if (password !== undefined)
    printLine(
      isInteractive
        ? `Password of the pages: ${password}`
        : 'The password of the pages is ADMIN_PASSWORD in .env.',
    );
  printLine(
    `Start offhook with \`npm start\` (npx offhook serve)${number ? `, then call ${number.phoneNumber}` : ''}.`,
  );
  if (settings.publicUrl) printLine(`Pages: ${settings.publicUrl.href.replace(/\/$/, '')}/calls`);
}

/** A tunnel ends with this command, so that the server has to run in it. */
async function wantsServer(
  { commandLine, dialogue }: SetupRun,
  address: PublicAddress | undefined,
): Promise<boolean> {
  if (address?.isRunning) {
    printLine('offhook is running with the earlier settings: restart it.');
    return false;
  }
  if (commandLine.serve) return true;
  if (!address?.tunnel) return false;
  const isWanted = await dialogue.confirm('The tunnel ends with this command. Start the server now?', false);
  if (!isWanted) printLine('The tunnel is closed now; --serve starts the server within it.');
  return isWanted;
}
