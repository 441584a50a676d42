import { Cancelled, type Dialogue } from './dialogue.ts';
import type { DraftSettings } from './draft-settings.ts';
import type { SetupCommandLine } from './setup-options.ts';
import type { SetupReport } from './setup-report.ts';

/** What the steps of a setup share. */
export interface SetupRun {
  readonly commandLine: SetupCommandLine;
  readonly draft: DraftSettings;
  readonly dialogue: Dialogue;
  readonly report: SetupReport;
}

/** Why an answer does not work. */
export interface Problem {
  readonly what: string;
  readonly found: string;
  readonly todo?: string | undefined;
}

/**
 * Checks answers until they work or a person accepts that they do not. Returns whether they work; without a terminal,
 * problems are failures of the setup.
 */
export async function untilValid(
  { dialogue, report }: SetupRun,
  check: () => Promise<readonly Problem[]>,
  askAgain: (problems: readonly Problem[]) => Promise<void>,
): Promise<boolean> {
  for (;;) {
    const problems = await check();
    if (problems.length === 0) return true;
    for (const problem of problems)
      if (dialogue.isInteractive) report.show({ verdict: 'fail', ...problem });
      else report.add({ verdict: 'fail', ...problem });
    if (!dialogue.isInteractive) return false;
    const next = await dialogue.choose({
      message: 'That did not work. What now?',
      option: '--force',
      answers: [
        { value: 'again', label: 'Answer again' },
        { value: 'keep', label: 'Keep the answers and continue' },
        { value: 'cancel', label: 'Cancel; nothing is changed' },
      ],
    });
    if (next === 'keep') return false;
    if (next === 'cancel') throw new Cancelled();
    await askAgain(problems);
  }
}
