import type { TextAnchor } from '../../../events/call-events.ts';
import { SentenceSplitter } from '../text/sentence-splitter.ts';
import type { SpeechPause } from './speech-pauses.ts';

/** A pause this far from where the shares of the text expect it is not that of a sentence. */
const MAX_SHIFT_SHARE = 0.35;
const MAX_SHIFT_SAMPLES = 4_000;

/**
 * Where the sentences after the first one begin in audio whose words are known: at the end of the pause that is nearest to where their
 * share of the text expects it. A sentence without such a pause has no anchor. `samples`: the length of the whole audio.
 */
export function sentenceAnchors(
  text: string,
  { samples, pauses }: { readonly samples: number; readonly pauses: readonly SpeechPause[] },
  language?: string,
): TextAnchor[] {
  const anchors: TextAnchor[] = [];
  let last: TextAnchor = { character: 0, sample: 0 };
  for (const character of sentenceStarts(text, language)) {
    const perCharacter = (samples - last.sample) / Math.max(1, text.length - last.character);
    const expected = last.sample + (character - last.character) * perCharacter;
    const allowed = Math.max(MAX_SHIFT_SAMPLES, (expected - last.sample) * MAX_SHIFT_SHARE);
    const from = last.sample;
    const near = pauses
      .filter(({ to }) => to > from && Math.abs(to - expected) <= allowed)
      .sort((a, b) => scoreOf(a, expected) - scoreOf(b, expected));
    if (!near[0]) continue;
    last = { character, sample: near[0].to };
    anchors.push(last);
  }
  return anchors;
}

/** A long pause counts as if it were nearer: voices pause longer between sentences than at commas. */
function scoreOf({ from, to }: SpeechPause, expected: number): number {
  return Math.abs(to - expected) - 2 * (to - from);
}

function sentenceStarts(text: string, language: string | undefined): number[] {
  const splitter = new SentenceSplitter(language);
  const sentences = [...splitter.add(text), ...splitter.flush()];
  let at = 0;
  const starts = sentences.map((sentence) => {
    const found = text.indexOf(sentence, at);
    if (found >= 0) at = found + sentence.length;
    return found;
  });
  return starts.filter((start) => start > 0);
}
