import { editDistance } from './edit-distance.ts';

/** The same text this often in a row is a machine; of several alternating texts, the whole series this often. */
const SAME_TEXT_TIMES = 4;
const SERIES_TIMES = 3;
/** A queue counts down: "You are number 20 in the queue." Its numbers never rise, and the other words stay the same. */
const COUNTDOWN_TIMES = 6;
const MIN_COUNTDOWN_WORDS = 4;
/** A short answer, such as "yes" to several questions, may be repeated more often. */
const SHORT_TEXT_TIMES = 12;
const SHORT_WORDS = 3;
const MAX_SERIES = 6;
const REMEMBERED = SERIES_TIMES * MAX_SERIES;
/** Texts are alike if no more than this part of their characters differs. */
const MAX_DIFFERENCE = 0.2;
/** Beyond this many characters texts are compared by their beginnings. */
const COMPARED_CHARACTERS = 400;
const ANSWER =
  /^(yes|yeah|yep|no|nope|ok|okay|right|correct|sure|ja|nein|genau|oui|non|sí|si|no|sì|sim|não|nee|tak|nie|ano|ne|да|нет|kyllä|ei|igen|nem|evet|hayır|はい|いいえ|是|对|不|네|아니요)( |$)|\b(human|real person|representative|operator|agent)$|^(what did you say|can you hear me|are you (still )?there)/u;

/** Recognises machines: a voicemail or a menu says the same again and again, whatever it is answered. */
export class RepeatedTexts {
  readonly #texts: string[] = [];

  /** Adds a text of the caller; true if the caller repeats itself like a machine. */
  add(text: string): boolean {
    const words = plain(text);
    if (words === '') return false;
    this.#texts.push(words);
    if (this.#texts.length > REMEMBERED) this.#texts.shift();
    for (let series = 1; series <= MAX_SERIES; series += 1) if (this.#repeats(series)) return true;
    return false;
  }

  #repeats(series: number): boolean {
    const texts = this.#texts;
    const latest = texts.slice(-series);
    const isShort = latest.every((text) => text.split(' ').length < SHORT_WORDS || ANSWER.test(text));
    const times = isShort ? SHORT_TEXT_TIMES : series === 1 ? SAME_TEXT_TIMES : SERIES_TIMES;
    return (
      this.#lasts(series, times, alike) ||
      this.#lasts(
        series,
        Math.max(times, Math.ceil(COUNTDOWN_TIMES / series)),
        (text, before) => alike(text, before) || countsDown(text, before),
      )
    );
  }

  /** Whether the latest series of texts occurred this often in a row, each text a repetition of the one before it. */
  #lasts(series: number, times: number, isRepetition: (text: string, before: string) => boolean): boolean {
    const texts = this.#texts;
    const count = series * times;
    if (texts.length < count) return false;
    for (let at = texts.length - count + series; at < texts.length; at += 1)
      if (!isRepetition(texts[at]!, texts[at - series]!)) return false;
    return true;
  }
}

/** Texts with different numbers are different: callers read out lists of them. */
function alike(one: string, other: string): boolean {
  if (one === other) return true;
  if (numbersOf(one) !== numbersOf(other) && numbersOf(one) !== '' && numbersOf(other) !== '') return false;
  const [a, b] = [one.slice(0, COMPARED_CHARACTERS), other.slice(0, COMPARED_CHARACTERS)];
  return editDistance(a, b) <= MAX_DIFFERENCE * Math.max(a.length, b.length);
}

function countsDown(text: string, before: string): boolean {
  const words = text.replace(NUMBER, '#');
  if (words !== before.replace(NUMBER, '#') || words.split(' ').length <= MIN_COUNTDOWN_WORDS) return false;
  const earlier = before.match(NUMBER) ?? [];
  return (text.match(NUMBER) ?? []).every((number, index) => Number(number) <= Number(earlier[index]));
}

const NUMBER = /\p{N}+/gu;

function numbersOf(text: string): string {
  return (text.match(NUMBER) ?? []).join(' ');
}

/** Lower case, words with single spaces between them; Chinese and Japanese characters count as words. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .replace(/(?<=[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}]{2})(?=[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}])/gu, ' ')
    .trim();
}
