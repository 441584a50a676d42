/** Characters that are held back until it is certain what they are; a longer piece of markup is spoken as it is. */
export const MAX_HELD = 2_000;

/** How the markup at the start of a text is spoken. `length`: the characters that were read. */
export type Reading =
  /** These words are spoken. */
  | { readonly length: number; readonly kind: 'say'; readonly text: string }
  /** This text stands in the place of the markup, and is read again. */
  | { readonly length: number; readonly kind: 'reread'; readonly text: string }
  /** Not spoken. `gap`: the words before and after it are separate words. `pause`: they are separate phrases. */
  | { readonly length: number; readonly kind: 'drop' | 'gap' | 'pause' };

/** What is known when a rule is asked. */
export interface ReadingContext {
  /** The character before; a line feed at the start of a line. */
  readonly before: string;
  /** The last spoken character of the line that is not a blank; empty at the start of a line. */
  readonly spoken: string;
  /** Parentheses of the line that are open. */
  readonly openParentheses: number;
  readonly line: LineKind;
  /** True after a fence that begins a block of code. */
  readonly isInFence: boolean;
}

/** `inline`: an item of a list that stands in one line. */
export type LineKind = 'plain' | 'item' | 'inline' | 'heading' | 'row';

/** Begins an item of a list in one line. */
export const INLINE_BULLET = '⁃';

/** Reads the markup at the start of `text`. `more`: it depends on what follows; undefined: this is no markup of the rule. */
export type Rule = (text: string, context: ReadingContext) => Reading | 'more' | undefined;

export const say = (length: number, text: string): Reading => ({ kind: 'say', length, text });
export const reread = (length: number, text: string): Reading => ({ kind: 'reread', length, text });
export const drop = (length: number): Reading => ({ kind: 'drop', length });
export const gap = (length: number): Reading => ({ kind: 'gap', length });
export const pause = (length: number): Reading => ({ kind: 'pause', length });

const WORD = /[\p{L}\p{M}\p{N}]/u;

export function isWord(character: string): boolean {
  return WORD.test(character);
}

export function isBlank(character: string): boolean {
  return /\s/u.test(character);
}
