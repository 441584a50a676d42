/** The recorded phrases; they need no service. */
export const PROMPT_NAMES = [
  'greeting',
  'machine-greeting',
  'filler-1',
  'filler-2',
  'apology',
  'apology-machine',
  'still-there',
  'goodbye',
  'machine-more',
  'machine-goodbye',
  'time-limit',
  'not-understood',
  'busy',
] as const;

export type PromptName = (typeof PROMPT_NAMES)[number];

/** A recorded phrase: its text, and its audio as μ-law at 8,000 Hz. */
export interface Prompt {
  readonly text: string;
  readonly mulaw: Uint8Array;
}

export interface PromptBook {
  get(name: PromptName): Prompt;
}
