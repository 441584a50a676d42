import { ServiceError } from '../../call/ports.ts';

/** A sentence for the user that says why there is no text. `what`: "The clip", "What was said here". */
export function transcriptionErrorText(error: unknown, what: string): string {
  if (error instanceof ServiceError && error.refusal !== undefined)
    return `The transcription service refused: ${error.refusal}. ${what} is not transcribed.`;
  const said = error instanceof ServiceError ? error.details.said : undefined;
  if (said !== undefined)
    return `The transcription service failed: ${said.replace(/[.\s]+$/u, '')}. ${what} is not transcribed; try again later.`;
  return `The transcription service did not answer. ${what} is not transcribed; try again later.`;
}
