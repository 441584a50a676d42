/**
 * Whisper models were trained on subtitles and produce some for near-silent audio: thanks for watching, credits of
 * translators, a single "you" (https://github.com/openai/whisper/discussions/928). Only such text is removed; text of loud
 * and long speech is never removed.
 */

/** The audible content of an utterance. */
export interface Heard {
  /** Time above the noise of the line, in steps of 20 ms. */
  readonly soundMs: number;
  /** The loudest 20 ms. */
  readonly peakDbfs: number;
}

/** A quiet line hisses at about -58 dBFS; speech from a telephone lies between -40 and -10. */
export const HISS_DBFS = -54;

/** The fastest speech is about 25 letters a second, closures between sounds not counted 35. */
const MAX_LETTERS_PER_SECOND = 50;
/** Speech that never exceeds this level is not audible on a telephone. */
const QUIET_DBFS = -44;
const MIN_THANKS_MS = 160;
/** A caller who really says such a sentence needs longer for it. */
const MIN_CREDITS_MS = 1_500;

/** Common on telephones too: removed only if the audio was too quiet or too short for it. */
const EVERYDAY =
  /^(thank you( very much)?|thanks|you|bye( bye)?|okay|ok|so|oh|hm+|yeah|vielen dank|danke|tschüss|merci|gracias|adiós|grazie|obrigad[oa]|bedankt|спасибо|ありがとうございました|谢谢|감사합니다)$/u;

/** Subtitle credits, which callers do not say. */
const CREDITS = [
  /amara\s?org/u,
  /(thanks|thank you)( so much| very much)? for (watching|viewing)/u,
  /(please |like and |don t forget to )*subscribe( to (my|the|our) channel)?$/u,
  /^(subtitles|captions|captioning|transcription|translated|translation|subtitled) (by|from|provided by) /u,
  /^untertitel(ung)?( im auftrag)?( des| der| von| im)? /u,
  /^(sous titr(es|age)|sottotitoli|subtítulos|legendas|napisy|ondertiteling?|undertexter) /u,
  /^(ご視聴ありがとうございました|продолжение следует|субтитры|字幕|请不吝点赞)/u,
];

/** The text of an utterance, or '' if it is a hallucination or describes a noise: `[Music]`, `(silence)`, `♪`. */
export function withoutHallucinations(text: string, heard: Heard): string {
  const said = text.trim();
  return isNoNote(said) && !isHallucination(plain(said), heard) ? said : '';
}

function isNoNote(said: string): boolean {
  const withoutNotes = said.replace(/\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|<\|[^|]*\|>/g, '');
  return /[\p{L}\p{N}]/u.test(withoutNotes);
}

function isHallucination(words: string, { soundMs, peakDbfs }: Heard): boolean {
  const letters = words.replaceAll(' ', '').length;
  if (letters > (MAX_LETTERS_PER_SECOND * soundMs) / 1_000) return true;
  if (EVERYDAY.test(words)) return soundMs < MIN_THANKS_MS || peakDbfs < QUIET_DBFS;
  if (!CREDITS.some((credit) => credit.test(words))) return false;
  return soundMs < MIN_CREDITS_MS || peakDbfs < QUIET_DBFS;
}

/** Lower case, words with single spaces between them, no punctuation. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
