import type { NumberWords } from './number-words.ts';
import type { SignWords } from './sign-words.ts';

/** A part of a sentence with the words in its place. The same words as written keep it from being read by later rules. */
export interface SpokenPart {
  readonly start: number;
  readonly end: number;
  readonly spoken: string;
}

/** How the sentence is spoken. */
export interface SpeakingContext {
  /** `de`, or with the region of the call: `de-CH`. */
  readonly tag: string;
  /** The first part of the tag. */
  readonly language: string;
  /** Where numbers without a country code are called. */
  readonly country: string | undefined;
  /** Undefined if the words for signs are not known in this language. */
  readonly signs: SignWords | undefined;
  /** Undefined if numbers stay as figures. */
  readonly numbers: NumberWords | undefined;
}

/** Finds the parts of one kind. */
export type FormRule = (sentence: string, context: SpeakingContext) => Iterable<SpokenPart>;

/** The sign before a figure shows that it is no number of its own: it is part of a word, a code, a fraction, a price. */
export const BEFORE = String.raw`(?<![\p{L}\p{N}_€$£¥₹]|[\p{L}\p{N}][-–−.,/:'’+*^=]|[€$£¥₹]\s|(?:^|[\s(€$£¥₹])[.,]|\d\.\s?[-–]\s?)`;
export const AFTER = String.raw`(?![\p{L}\p{N}_]|[-–−.,/:'’*^=+]\p{N}|\.\s?[-–]\s?\p{N}|\s?[€$£¥₹])`;

/** A rule of one pattern. `read` returns undefined if the match is nothing of this kind. */
export function patternRule(
  pattern: RegExp,
  read: (match: RegExpExecArray, context: SpeakingContext) => string | undefined,
): FormRule {
  return function* (sentence, context) {
    for (const match of sentence.matchAll(pattern)) {
      const spoken = read(match, context);
      if (spoken !== undefined) yield { start: match.index, end: match.index + match[0].length, spoken };
    }
  };
}
