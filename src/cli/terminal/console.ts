/** Writes the result of a command to stdout; nothing else is written there. */
export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function printError(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Progress on stderr: one line that is overwritten on a terminal, otherwise a line per 10 %. */
export class ProgressLine {
  readonly #doing: string;
  readonly #isTerminal = process.stderr.isTTY;
  #tenth = -1;
  #isOpen = false;

  constructor(doing: string) {
    this.#doing = doing;
  }

  show(done: number, of: number): void {
    const line = `${this.#doing}: ${done} of ${of}`;
    const tenth = of === 0 ? 10 : Math.floor((10 * done) / of);
    if (this.#isTerminal) process.stderr.write(`\r\x1b[K${line}`);
    else if (tenth !== this.#tenth) printError(line);
    this.#tenth = tenth;
    this.#isOpen = this.#isTerminal;
  }

  /** Call it before writing anything else. */
  end(): void {
    if (this.#isOpen) process.stderr.write('\n');
    this.#isOpen = false;
  }
}
