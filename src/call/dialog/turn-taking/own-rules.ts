import type { LanguageRules, OwnTurnRules } from '../../../settings/turn-rules/turn-rules.ts';

/** Codes of languages whose words are those of another code. */
const ALIASES: Readonly<Record<string, string>> = { no: 'nb', nn: 'nb' };
const WORD = /[\p{L}\p{M}\p{N}]+(?:[-'][\p{L}\p{M}\p{N}]+)*/gu;

/** The code of a tag such as `pt-BR`; empty without one. */
export function languageCode(tag: string | undefined): string {
  const code = tag?.toLowerCase().split('-')[0] ?? '';
  return ALIASES[code] ?? code;
}

/** A user's own rules for a language, under all of its codes. */
export function languageRules(own: OwnTurnRules, code: string): LanguageRules | undefined {
  return joinedRules(Object.keys(own).flatMap((key) => (languageCode(key) === code ? own[key]! : [])));
}

/** Undefined without any. */
export function joinedRules(rules: readonly LanguageRules[]): LanguageRules | undefined {
  if (rules.length === 0) return undefined;
  const all = (list: keyof LanguageRules): string[] =>
    rules.flatMap((one) => one[list].map((phrase) => plainWords(phrase).join(' ')));
  return {
    assent: all('assent'),
    notAssent: all('notAssent'),
    unfinished: all('unfinished'),
    notUnfinished: all('notUnfinished'),
    farewells: all('farewells'),
  };
}

/** The words of a text as rules are compared with it: without punctuation and capitals. */
export function plainWords(text: string): string[] {
  const plain = text.normalize('NFC').toLowerCase().replaceAll('\u0307', '');
  return plain.replaceAll('’', "'").replaceAll(/[‐‑–]/gu, '-').match(WORD) ?? [];
}

/** A phrase as a part of a regular expression. */
export function escaped(phrase: string): string {
  return phrase.replaceAll(/[\\^$.*+?()[\]{}|]/gu, String.raw`\$&`);
}
