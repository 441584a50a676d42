/** What a command ends with; also the text of `offhook --help`. */
export const EXIT = {
  /** All of it was done. */
  done: 0,
  /** It could not be done; the last line on stderr says why. */
  failed: 1,
  /** The command line or a setting is not right. */
  misused: 2,
  /** Some of it was done, and something is left or was refused. */
  inPart: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES_HELP = `
Exit codes: 0 done; 1 failed; 2 the command line or a setting is not right; 3 done in part, something is left or was refused.`;
