import { type ChildProcess, spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { requiredProgram } from '../../scripts/tier-tools.ts';
import { BARE_ENVIRONMENT } from './run-setup.ts';

const shellQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The terminal of `script` has no size, so that every character would be a line. */
const COLUMNS = 200;
const ROWS = 50;

/** A command in a pseudo-terminal, which `script` of util-linux opens. */
export class Terminal {
  readonly #child: ChildProcess;
  readonly #watchers = new Set<() => void>();
  readonly #ended: Promise<number | null>;
  #output = '';
  #read = 0;

  constructor(command: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) {
    const line = command.map(shellQuoted).join(' ');
    this.#child = spawn(
      requiredProgram('script'),
      ['-qefc', `stty cols ${COLUMNS} rows ${ROWS}; exec ${line}`, '/dev/null'],
      {
        cwd,
        env: { ...BARE_ENVIRONMENT, TERM: 'xterm', ...env },
        stdio: 'pipe',
      },
    );
    this.#child.stdout!.on('data', (data: Buffer) => {
      this.#output += data.toString();
      for (const look of this.#watchers) look();
    });
    this.#ended = new Promise((resolve) => {
      this.#child.on('close', (status) => {
        resolve(status);
        for (const look of this.#watchers) look();
      });
    });
  }

  /** What was shown, without control characters. */
  get shown(): string {
    return stripVTControlCharacters(this.#output);
  }

  get ended(): Promise<number | null> {
    return this.#ended;
  }

  /** Waits until a text is shown after the one of the last wait. Throws if the command ends before. */
  async sees(text: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        const at = this.shown.indexOf(text, this.#read);
        if (at < 0 && this.#child.exitCode === null) return;
        this.#watchers.delete(look);
        if (at < 0) reject(new Error(`"${text}" is not in:\n${this.shown.slice(this.#read)}`));
        this.#read = at + text.length;
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  type(keys: string): void {
    this.#child.stdin!.write(keys);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

export const ENTER = '\r';
export const DOWN = '\u001b[B';
export const CTRL_C = '\u0003';
