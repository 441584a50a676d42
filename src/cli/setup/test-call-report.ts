import type { Settings } from '../../settings/settings.ts';
import { ProgressLines } from '../../simulator/progress-lines.ts';
import { resultTable } from '../../simulator/result-table.ts';
import type { AccountNumber } from '../../telephony/twilio/phone-numbers.ts';
import { printLine } from '../terminal/console.ts';
import type { PublicAddress } from './address/address-step.ts';
import { requestFailure } from './request-failure.ts';
import type { SetupRun } from './setup-run.ts';
import { placeTestCall } from './test-call.ts';

/** Places the test call and says whether it was answered and recorded. */
export async function reportTestCall(
  { report }: SetupRun,
  settings: Settings,
  number: AccountNumber | undefined,
  address: PublicAddress | undefined,
): Promise<boolean> {
  const what = 'test call';
  const isPublic = address?.reachedAt !== undefined && !address.isRunning;
  const way = isPublic ? `through ${address.reachedAt}` : 'on this machine';
  printLine(`\nA simulated caller calls the server ${way}, with the new settings:`);
  const progress = new ProgressLines();
  let failures = 0;
  try {
    const { report: call, files } = await placeTestCall({
      settings,
      number: number?.phoneNumber,
      isPublic,
      watch: (event) => {
        if ('failure' in event && event.failure !== undefined) failures++;
        const line = progress.lineOf(event);
        if (line !== undefined) printLine(line);
      },
    });
    printLine(`\n${resultTable(files, settings.recording.directory)}\n`);
    for (const error of call.errors) report.warn(what, error);
    const isSpokenTo = call.streams.some(({ playedAssistant }) =>
      playedAssistant.some((sample) => sample !== 0xff),
    );
    if (!isSpokenTo || (settings.recording.enabled && files.json.audio === null) || failures > 0) {
      const reason =
        failures > 0
          ? `${failures} requests to services failed`
          : !isSpokenTo
            ? 'the caller heard nothing'
            : 'there is no recording';
      report.fail(what, reason, 'run `offhook doctor`');
      return false;
    }
    report.ok(what, `answered and recorded, ${files.lines.length} lines of transcript, ${way}`);
    return true;
  } catch (error) {
    report.fail(what, requestFailure(error), 'run `offhook doctor`');
    return false;
  }
}
