import { TwilioNumbers } from '../../../telephony/twilio/phone-numbers.ts';
import { printLine } from '../../terminal/console.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import { accountIn, twilioProblem } from './account-step.ts';
import { Cancelled } from '../dialogue.ts';
import { changesBetween, describeChange, valuesOf } from './routing-plan.ts';
import { RoutingRecord, type SavedRouting } from './routing-record.ts';
import type { SetupRun } from '../setup-run.ts';

/** Gives numbers the values back that they had before the setup. `.env` stays. */
export async function undoSetup(run: SetupRun): Promise<ExitCode> {
  const { draft, report, commandLine } = run;
  const result = draft.read();
  if (!result.ok) {
    for (const error of result.errors) report.fail('settings', error);
    return EXIT.failed;
  }
  const account = accountIn(result.settings);
  const record = new RoutingRecord(result.settings.recording.directory);
  const digits = commandLine.number?.replace(/\D/g, '');
  const saved = record
    .read()
    .filter(({ phoneNumber }) => digits === undefined || phoneNumber.replace(/\D/g, '') === digits);
  if (saved.length === 0) {
    report.fail('undo', `no earlier values are kept in ${record.file}`);
    return EXIT.failed;
  }
  if (!account) {
    report.fail(
      'undo',
      'TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are missing',
      'set them in .env or as options',
    );
    return EXIT.failed;
  }
  const numbers = new TwilioNumbers(account);
  for (const each of saved) await restore(run, numbers, record, each, account.accountSid);
  return report.failures === 0 ? EXIT.done : EXIT.failed;
}

async function restore(
  { report, dialogue, commandLine }: SetupRun,
  numbers: TwilioNumbers,
  record: RoutingRecord,
  { accountSid, sid, phoneNumber, before }: SavedRouting,
  ours: string,
): Promise<void> {
  if (accountSid !== ours) {
    report.fail(
      'undo',
      `${phoneNumber} belongs to the account ${accountSid}`,
      'set TWILIO_ACCOUNT_SID to that one',
    );
    return;
  }
  try {
    const { routing } = await numbers.fetch(sid);
    const changes = changesBetween(routing, before);
    printLine(`${phoneNumber} at Twilio ${commandLine.check ? 'would change' : 'changes'}:`);
    for (const change of changes) printLine(`  ${describeChange(change)}`);
    if (commandLine.check) return;
    if (!commandLine.yes && !(await dialogue.confirm('Restore these values?', true))) throw new Cancelled();
    if (changes.length > 0) await numbers.update(sid, valuesOf(changes));
    record.remove(sid);
    report.ok('undo', `${phoneNumber} has its earlier values`);
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    const { found, todo } = twilioProblem(error);
    report.fail('undo', `${phoneNumber}: Twilio ${found}`, todo);
  }
}
