import type { LanguageRules, OwnTurnRules } from '../../../settings/turn-rules/turn-rules.ts';

/** Codes of languages whose words are those of another code. */
const ALIASES: Readonly<Record<string, string>> = { no: 'nb', nn: 'nb' };

/** The code of a tag such as `pt-BR`; empty without one. */
export function languageCode(tag: string | undefined): string {
  const code = tag?.toLowerCase().split('-')[0] ?? '';
  return ALIASES[code] ?? code;
}

/** A user's own rules for a language. */
export function languageRules(own: OwnTurnRules, code: string): LanguageRules | undefined {
  return Object.entries(own).find(([language]) => languageCode(language) === code)?.[1];
}

/** A phrase as a part of a regular expression. */
export function escaped(phrase: string): string {
  return phrase.replaceAll(/[\\^$.*+?()[\]{}|]/gu, String.raw`\$&`);
}
