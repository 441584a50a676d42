import { CREDITS, EVERYDAY, SIGN_OFFS } from './hallucinated-phrases.ts';
import { withoutLoops } from './repetition-filter.ts';

/**
 * Whisper models were trained on subtitles and produce some for near-silent audio: thanks for watching, credits of
 * translators, a single "you" (https://github.com/openai/whisper/discussions/928). Only such text is removed; text of loud
 * and long speech is never removed. A phrase that the recogniser repeats again and again is kept once.
 */

/** The audible content of an utterance. */
export interface Heard {
  /** Time above the noise of the line, in steps of 20 ms. */
  readonly soundMs: number;
  /** Time that is loud enough for speech on a telephone, in steps of 20 ms. */
  readonly loudMs: number;
  /** The loudest 20 ms. */
  readonly peakDbfs: number;
}

/** A quiet line hisses at about -58 dBFS; speech from a telephone lies between -40 and -10. */
export const HISS_DBFS = -54;

/** The fastest speech is about 25 letters a second, closures between sounds not counted 35. */
const MAX_LETTERS_PER_SECOND = 50;
/** Speech that never exceeds this level is not audible on a telephone. */
export const QUIET_DBFS = -44;
const MIN_THANKS_MS = 160;
/** A caller who really says such a sentence needs longer for it. */
const MIN_CREDITS_MS = 1_500;
const MIN_SIGN_OFF_MS = 450;

/** The text of an utterance, or '' if it is a hallucination or describes a noise: `[Music]`, `(silence)`, `♪`. */
export function withoutHallucinations(text: string, heard: Heard): string {
  const heardText = text.trim();
  if (isTooFast(heardText, heard)) return '';
  const said = withoutLoops(heardText);
  const isLoop = said.length < heardText.length;
  return hasWords(said) && !isHallucination(plain(said), heard, isLoop) ? said : '';
}

function hasWords(said: string): boolean {
  const withoutNotes = said.replace(/\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|<\|[^|]*\|>|<\p{L}[^<>]*>/gu, '');
  return /[\p{L}\p{N}]/u.test(withoutNotes);
}

function isTooFast(text: string, { soundMs }: Heard): boolean {
  const letters = plain(text).replaceAll(' ', '').length;
  return letters > (MAX_LETTERS_PER_SECOND * soundMs) / 1_000;
}

function isHallucination(words: string, { soundMs, loudMs, peakDbfs }: Heard, isLoop: boolean): boolean {
  const isQuiet = peakDbfs < QUIET_DBFS;
  if (EVERYDAY.test(words)) return soundMs < MIN_THANKS_MS || isQuiet;
  if (SIGN_OFFS.some((phrase) => phrase.test(words))) return isLoop || loudMs < MIN_SIGN_OFF_MS || isQuiet;
  if (!CREDITS.some((credit) => credit.test(words))) return false;
  return isLoop || loudMs < MIN_CREDITS_MS || isQuiet;
}

/** Lower case, words with single spaces between them, no punctuation. */
function plain(text: string): string {
  return (
    text
      .normalize('NFC')
      .toLowerCase()
      // The lower case of the Turkish İ is an i with a dot of its own.
      .replaceAll('\u0307', '')
      .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
      .trim()
  );
}
