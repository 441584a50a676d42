import { missingToolsSentence, type ToolTier } from '../../scripts/tier-tools.ts';

/** Ends the run with one sentence if a program that the tier needs is missing. Nothing is skipped. */
export function requireTools(tier: ToolTier): void {
  const sentence = missingToolsSentence(tier);
  if (sentence === undefined) return;
  const error = new Error(sentence);
  // Vitest would print the source lines of this function.
  error.stack = `Error: ${sentence}`;
  throw error;
}
