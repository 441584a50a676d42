import type { Settings } from '../../settings/settings.ts';
import { TwilioNumbers } from '../../telephony/twilio/phone-numbers.ts';
import { errorText } from '../../storage/file-system-errors.ts';
import { accountIn, twilioProblem } from './number/account-step.ts';
import { writeEnvFile } from './env-writer.ts';
import { routingTo, valuesOf } from './number/routing-plan.ts';
import { RoutingRecord } from './number/routing-record.ts';
import type { SetupPlan } from './setup-plan.ts';
import type { SetupRun } from './setup-run.ts';

/** Writes `.env`, then sets the number; its earlier values are kept first. Returns whether all of it succeeded. */
export async function applyPlan(
  { draft, report, commandLine }: SetupRun,
  { env, number, routing }: SetupPlan,
  settings: Settings,
  onChange: (changed: string) => void,
): Promise<boolean> {
  try {
    if (env.size > 0) {
      writeEnvFile(draft.envFile, env);
      onChange('.env was written, the number was not changed');
      report.ok('.env', `${env.size} settings written, readable by its owner alone`);
    }
  } catch (error) {
    report.fail('.env', `cannot be written (${errorText(error)}); nothing was changed`);
    return false;
  }
  const account = accountIn(settings);
  if (!number || !account || !settings.publicUrl || routing.length === 0) return true;
  try {
    const wanted = routingTo(settings.publicUrl.href, commandLine.fallbackUrl);
    new RoutingRecord(settings.recording.directory).save(account.accountSid, number, wanted);
  } catch (error) {
    report.fail(
      'number',
      `its earlier values cannot be kept for --undo, so it was not changed: ${errorText(error)}`,
    );
    return false;
  }
  try {
    await new TwilioNumbers(account).update(number.sid, valuesOf(routing));
    onChange('.env was written and the number was set; `offhook setup --undo` restores the number');
    report.ok('number', `${number.phoneNumber} calls this server; --undo restores its earlier values`);
    return true;
  } catch (error) {
    const { found, todo } = twilioProblem(error);
    report.fail('number', `${number.phoneNumber} was not set: Twilio ${found}`, todo);
    return false;
  }
}
