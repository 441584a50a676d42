import { printError, printLine } from '../terminal/console.ts';

/** One line of the report. `todo`: what to do about it. */
interface ReportLine {
  readonly verdict: 'ok' | 'warn' | 'fail';
  readonly what: string;
  readonly found: string;
  readonly todo?: string | undefined;
}

/** Prints what the setup finds, and counts the failures. */
export class SetupReport {
  #failures = 0;

  get failures(): number {
    return this.#failures;
  }

  ok(what: string, found: string): void {
    this.add({ verdict: 'ok', what, found });
  }

  warn(what: string, found: string, todo?: string): void {
    this.add({ verdict: 'warn', what, found, todo });
  }

  fail(what: string, found: string, todo?: string): void {
    this.add({ verdict: 'fail', what, found, todo });
  }

  add(line: ReportLine): void {
    if (line.verdict === 'fail') this.#failures++;
    this.show(line);
  }

  /** Without counting: a failure that a person decides about. */
  show({ verdict, what, found, todo }: ReportLine): void {
    printLine(`${verdict.padEnd(5)}${what}: ${found}`);
    if (todo !== undefined) printLine(`     → ${todo}`);
  }

  /** Work that takes a while, on stderr. */
  progress(doing: string): void {
    printError(doing);
  }
}
