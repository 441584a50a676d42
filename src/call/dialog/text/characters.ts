import { drop, gap, type Rule, say } from './reading.ts';

const LINE_ENDS = /[\n\r\v\f\u0085\u2028\u2029]/u;
/** Pictures, boxes, stars and arrows of buttons; © ® ™ and the exclamation marks are signs. */
const PICTURES =
  /(?![©®™‼⁉])[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\u2500-\u27bf\u2b00-\u2bff\u{e0020}-\u{e007f}]|\u20e3/u;
/** Zero-width, bidirectional and other control characters, variation selectors, private use, lone surrogates. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Variation_Selector}\ufffc\ufffd\u{e0020}-\u{e007f}]/u;
/** Arabic and Indic words contain these two. */
const JOINERS = /[\u200c\u200d]/u;
const JOINED = /(?!\p{Script=Latin})[\p{L}\p{M}]/u;

export function isLineEnd(character: string): boolean {
  return LINE_ENDS.test(character);
}

/** Characters that are never spoken. */
export const readCharacter: Rule = (text, { before }) => {
  const character = String.fromCodePoint(text.codePointAt(0)!);
  const { length } = character;
  if (character === '‼') return say(1, '!');
  if (character === '⁉') return say(1, '?');
  if (PICTURES.test(character)) return gap(length);
  if (JOINERS.test(character)) {
    if (text.length === 1) return 'more';
    const next = String.fromCodePoint(text.codePointAt(1)!);
    return JOINED.test(before) && JOINED.test(next) ? say(1, character) : drop(1);
  }
  return INVISIBLE.test(character) ? drop(length) : undefined;
};
