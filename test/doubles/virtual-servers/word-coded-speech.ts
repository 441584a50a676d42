/**
 * Speech whose samples say which words they are: each word is a tone of 400 Hz whose level is computed from its letters. What was
 * played at the telephone can therefore be compared with a text word by word.
 */

const TONE_HZ = 400;
const LEVELS = 12;
const LOWEST_PEAK = 900;
const LEVEL_RATIO = 1.33;
const LINE_RATE_HZ = 8_000;
const FRAME = 160;

/** A word with its place in the text and in the speech. */
export interface SpokenWord {
  /** Positions in the text. */
  readonly start: number;
  readonly end: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly level: number;
}

/** Scripts without blanks: one character is about a syllable. */
const DENSE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
/** A syllable takes as long as so many Latin letters. */
const DENSE_LETTERS = 2.5;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** The words of a text as a voice speaks them at `letterMs` for each letter, from time 0 on. */
export function spokenWords(text: string, letterMs: number): SpokenWord[] {
  const words: SpokenWord[] = [];
  let fromMs = 0;
  for (const { segment, index } of wordSegments(text)) {
    const letters = [...segment].reduce((sum, one) => sum + (DENSE.test(one) ? DENSE_LETTERS : 1), 0);
    const toMs = fromMs + letters * letterMs;
    words.push({
      start: index,
      end: index + segment.trimEnd().length,
      fromMs,
      toMs,
      level: levelOf(segment),
    });
    fromMs = toMs;
  }
  return words;
}

/** Words with what follows them. */
function wordSegments(text: string): { readonly segment: string; readonly index: number }[] {
  const parts: { segment: string; index: number }[] = [];
  for (const { segment, index, isWordLike } of segmenter.segment(text)) {
    const last = parts.at(-1);
    const opens = isWordLike && (last === undefined || DENSE.test(segment) || /\s$/u.test(last.segment));
    if (last === undefined || opens) parts.push({ segment, index });
    else last.segment += segment;
  }
  return parts;
}

function levelOf(word: string): number {
  let hash = 7;
  for (const one of word.trim().toLowerCase()) hash = (hash * 31 + one.codePointAt(0)!) >>> 0;
  return hash % LEVELS;
}

/** Samples at `rateHz` from `fromMs` on. */
export function codedSpeech(words: readonly SpokenWord[], rateHz: number, fromMs = 0): Int16Array {
  const from = samplesOf(fromMs, rateHz);
  const to = samplesOf(words.at(-1)?.toMs ?? 0, rateHz);
  const pcm = new Int16Array(Math.max(0, to - from));
  const wave = waveAt(rateHz);
  let [word, wordEnd, peak] = [0, 0, 0];
  for (let at = 0; at < pcm.length; at += 1) {
    if (at >= wordEnd) {
      while (word < words.length - 1 && samplesOf(words[word]!.toMs, rateHz) <= from + at) word += 1;
      wordEnd = samplesOf(words[word]!.toMs, rateHz) - from;
      peak = PEAKS[words[word]!.level]!;
    }
    pcm[at] = peak * wave[at % wave.length]!;
  }
  return pcm;
}

const PEAKS = Array.from({ length: LEVELS }, (_, level) => LOWEST_PEAK * LEVEL_RATIO ** level);

function samplesOf(ms: number, rateHz: number): number {
  return Math.round((ms * rateHz) / 1_000);
}

const waves = new Map<number, Float64Array>();

/** A whole number of periods. */
function waveAt(rateHz: number): Float64Array {
  const known = waves.get(rateHz);
  if (known) return known;
  const length = rateHz / gcd(rateHz, TONE_HZ);
  const wave = Float64Array.from({ length }, (_, n) => Math.sin((2 * Math.PI * TONE_HZ * n) / rateHz));
  waves.set(rateHz, wave);
  return wave;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/**
 * How much of the speech, in milliseconds from its start, is what the line played. `pcm`: at 8,000 Hz. The speech stops where the
 * level of a frame within a word is not that of the word.
 */
export function understoodMs(words: readonly SpokenWord[], pcm: Int16Array): number {
  const playedMs = pcm.length / 8;
  for (const { fromMs, toMs, level } of words) {
    if (fromMs >= playedMs) return playedMs;
    // The first and the last frame of a word hold the filter's transition.
    for (let ms = fromMs + 30; ms + 50 <= Math.min(toMs, playedMs); ms += 20) {
      const at = Math.round((ms * LINE_RATE_HZ) / 1_000);
      if (Math.abs(levelIn(pcm.subarray(at, at + FRAME)) - level) > 0.6) return ms;
    }
  }
  return playedMs;
}

/** The level of a frame, by its effective value: single samples of compressed audio differ. */
function levelIn(frame: Int16Array): number {
  let sum = 0;
  for (const sample of frame) sum += sample * sample;
  const peak = Math.sqrt((2 * sum) / frame.length);
  return Math.log(peak / LOWEST_PEAK) / Math.log(LEVEL_RATIO);
}
