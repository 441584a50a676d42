import { SAMPLES_PER_MS } from '../../audio/telephone.ts';

/** A spoken sentence ends in silence: when this share was heard, all words were heard. */
const WHOLE = 0.97;
/** The speaking time per character, for speech that was cut before its length was known. */
const MS_PER_CHARACTER = 65;

export interface CutText {
  readonly heard: string;
  readonly unheard: string;
}

/**
 * Cuts a text after the last heard word, by the share of its time. `totalSamples`: the length of the whole piece, undefined
 * while it was still being synthesised. Samples are at 8,000 Hz.
 */
export function cutText(
  text: string,
  heardSamples: number,
  totalSamples: number | undefined,
  sentSamples: number,
): CutText {
  const words = text.trim();
  if (heardSamples <= 0) return { heard: '', unheard: words };
  const total = totalSamples ?? Math.max(sentSamples, words.length * MS_PER_CHARACTER * SAMPLES_PER_MS);
  const share = heardSamples / Math.max(1, total);
  if (share >= WHOLE) return { heard: words, unheard: '' };
  const reached = share * words.length;
  let end = 0;
  for (const word of words.matchAll(/\S+/gu)) {
    const middle = word.index + word[0].length / 2;
    if (middle > reached) break;
    end = word.index + word[0].length;
  }
  return { heard: words.slice(0, end), unheard: words.slice(end).trim() };
}
