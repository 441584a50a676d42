import { missingToolsSentence, type ToolTier } from '../../scripts/tier-tools.ts';

/** Ends the run with one sentence if a program that the tier needs is missing. Nothing is skipped. */
export function requireTools(tier: ToolTier): void {
  const sentence = missingToolsSentence(tier);
  if (sentence === undefined) return;
  // An exception would be printed with the summary of a run that never began.
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
