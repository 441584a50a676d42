import type { CommandSettings } from './command-settings.ts';
import { printLine } from './terminal/console.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { Finding } from './health/finding.ts';
import { runHealthChecks } from './health/health-checks.ts';

/** Prints one line per check, with the action to take. Fails if any check fails. */
export async function doctor({ settings, warnings }: CommandSettings, asJson: boolean): Promise<ExitCode> {
  const findings = await runHealthChecks(settings, warnings);
  if (asJson) printLine(JSON.stringify(findings, null, 2));
  else for (const finding of findings) printLine(lineOf(finding));
  return findings.some(({ verdict }) => verdict === 'fail') ? EXIT.failed : EXIT.done;
}

/** The column after the verdicts, of which "not checked" is the longest. */
const WIDTH = 13;

function lineOf({ verdict, what, found, todo }: Finding): string {
  const line = `${verdict.padEnd(WIDTH)}${what}: ${found}`;
  return todo === undefined ? line : `${line}\n${' '.repeat(WIDTH)}→ ${todo}`;
}
