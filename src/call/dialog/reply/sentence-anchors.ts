import { SAMPLES_PER_MS } from '../../../audio/telephone.ts';
import type { TextAnchor } from '../../../events/call-events.ts';
import { SentenceSplitter } from '../text/sentence-splitter.ts';
import type { SpeechPause } from './speech-pauses.ts';

/** Beyond that many, the last pauses and sentences are not compared. */
const MAX_PAUSES = 200;
const MAX_SENTENCES = 60;
/** Pauses that are compared for one sentence: the nearest to where its beginning is at the average speed. */
const NEAR_PAUSES = 30;
/** The cheapest ways to a sentence that are followed. All of them are in replies of half a minute. */
const MAX_WAYS = 100;
/** What a sentence costs whose beginning is at no pause: as much as a speed that differs by half from the average. */
const WITHOUT_PAUSE = 0.16;
/** Voices pause longer between sentences than within them: a second of pause is worth so much. */
const PER_PAUSED_SECOND = 0.7;
/** The speed of shorter parts varies more. */
const STEADY_CHARACTERS = 30;

/** The best way to a beginning at a pause, and what it costs. */
interface Way {
  readonly cost: number;
  readonly anchors: readonly TextAnchor[];
}

/**
 * Where the sentences after the first one begin in audio whose words are known: at the ends of pauses, chosen so that the speed of the
 * voice varies little and the pauses are long. A sentence without such a pause has no anchor. `samples`: the length of the whole audio.
 */
export function sentenceAnchors(
  text: string,
  { samples, pauses }: { readonly samples: number; readonly pauses: readonly SpeechPause[] },
  language?: string,
): TextAnchor[] {
  const average = samples / Math.max(1, text.length);
  const last: TextAnchor = { character: text.length, sample: samples };
  const all = pauses.slice(0, MAX_PAUSES);
  let ways: Way[] = [{ cost: 0, anchors: [] }];
  for (const character of sentenceStarts(text, language).slice(0, MAX_SENTENCES)) {
    const next = ways.map(({ cost, anchors }) => ({ cost: cost + WITHOUT_PAUSE, anchors }));
    for (const { from, to } of nearestTo(character * average, all)) {
      const here = { character, sample: to };
      const worth = ((to - from) / SAMPLES_PER_MS / 1_000) * PER_PAUSED_SECOND;
      const best = cheapest(ways, (anchor) => speedCost(anchor, here, average));
      if (best) next.push({ cost: best.cost - worth, anchors: [...best.anchors, here] });
    }
    ways = next.sort((a, b) => a.cost - b.cost).slice(0, MAX_WAYS);
  }
  return [...(cheapest(ways, (anchor) => speedCost(anchor, last, average))?.anchors ?? [])];
}

function nearestTo(sample: number, pauses: readonly SpeechPause[]): readonly SpeechPause[] {
  if (pauses.length <= NEAR_PAUSES) return pauses;
  const distance = ({ to }: SpeechPause): number => Math.abs(to - sample);
  return pauses.toSorted((a, b) => distance(a) - distance(b)).slice(0, NEAR_PAUSES);
}

function cheapest(ways: readonly Way[], costFrom: (anchor: TextAnchor) => number): Way | undefined {
  let best: Way | undefined;
  for (const { cost, anchors } of ways) {
    const whole = cost + costFrom(anchors.at(-1) ?? { character: 0, sample: 0 });
    if (whole < (best?.cost ?? Infinity)) best = { cost: whole, anchors };
  }
  return best;
}

/** How much the speed between two places differs from the average, in samples for each character. */
function speedCost(from: TextAnchor, to: TextAnchor, average: number): number {
  const [characters, samples] = [to.character - from.character, to.sample - from.sample];
  if (characters <= 0 || samples <= 0) return Infinity;
  const difference = Math.log(samples / characters / average);
  return difference ** 2 * Math.min(1, characters / STEADY_CHARACTERS);
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
