/** The exit codes of all commands; also part of `offhook --help`. */
export const EXIT = {
  /** Completed. */
  done: 0,
  /** Failed; the last line on stderr gives the reason. */
  failed: 1,
  /** The command line or a setting is invalid. */
  misused: 2,
  /** Partly completed; something was left or was refused. */
  inPart: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES_HELP = `
Exit codes: 0 done; 1 failed; 2 the command line or a setting is not right; 3 done in part, something is left or was refused.`;
