export const NO_ASSISTANT = 'No assistant has this call, so the instruction was not sent.';
export const NO_CALL = 'There is no such call any more.';

/** The reason that an operator reads when a request to a call's process has failed. */
export function unanswered(error: unknown): string {
  return `The call's process did not answer: ${error instanceof Error ? error.message : String(error)}`;
}
