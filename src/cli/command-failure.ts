import { CommanderError } from 'commander';
import { errorText } from '../storage/file-system-errors.ts';
import { UnusableSettings } from './command-settings.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { printError } from './terminal/console.ts';

/** Prints why a command failed, in one sentence, and returns its exit code. */
export function reportFailure(error: unknown): ExitCode {
  // commander has printed its own errors; `--help` is not a failure.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.misused;
  printError(errorText(error));
  return error instanceof UnusableSettings ? EXIT.misused : EXIT.failed;
}
