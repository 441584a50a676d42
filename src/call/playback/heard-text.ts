/** The end of a spoken sentence is silence: whoever heard this share of it heard all its words. */
const WHOLE = 0.97;
/** How long a character takes to say, for speech that was cut before its length was known. */
const MS_PER_CHARACTER = 65;

export interface CutText {
  readonly heard: string;
  readonly unheard: string;
}

/**
 * Cuts a text at the last word that was heard, by the share of its time. `totalSamples` is the length of the whole
 * piece, absent while it was still being made; samples are at 8,000 Hz.
 */
export function cutText(
  text: string,
  heardSamples: number,
  totalSamples: number | undefined,
  sentSamples: number,
): CutText {
  const words = text.trim();
  if (heardSamples <= 0) return { heard: '', unheard: words };
  const total = totalSamples ?? Math.max(sentSamples, words.length * MS_PER_CHARACTER * 8);
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
