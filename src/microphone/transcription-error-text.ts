import { ServiceError } from '../call/ports.ts';

/** A sentence for the user that says why there is no text. `what`: "The clip", "What was said here". */
export function transcriptionErrorText(error: unknown, what: string): string {
  if (error instanceof ServiceError && error.refusal !== undefined)
    return `The transcription service refused: ${error.refusal}. ${what} is not transcribed.`;
  return `The transcription service did not answer. ${what} is not transcribed; try again later.`;
}
