import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Assent, isWordless } from '../../../../src/call/dialog/turn-taking/assent.ts';
import { ASSENT, GENERIC_ASSENT } from '../../../../src/call/dialog/turn-taking/assent-words.ts';
import { PROPERTY_RUNS } from '../../../support/portions.ts';

const isAssent = (text: string, language?: string) => new Assent().matches(text, language);

const LANGUAGES = Object.keys(ASSENT);
/** Every word that occurs in an expression of assent. */
const WORDS = new Set(
  [GENERIC_ASSENT, ...Object.values(ASSENT)]
    .flatMap((list) => list.split('|'))
    .flatMap((one) => one.split(' ')),
);

describe('isAssent', () => {
  it.each([
    ['Mm-hm.', 'de'],
    ['Mhm, mhm.', 'pl'],
    ['Uh-huh.', undefined],
    ['Okay.', 'ja'],
    ['Yes, okay, I see.', 'en-GB'],
    ['Ja, genau.', 'de-AT'],
    ['Sí, claro.', 'es'],
    ['D’accord.', 'fr'],
    ['Sì, va bene.', 'it'],
    ['Ja, klopt.', 'nl'],
    ['Tá bom, entendi.', 'pt-BR'],
    ['はい。', 'ja'],
    ['Ja.', 'nn-NO'],
  ])('is true for "%s" in %s', (text, language) => {
    expect(isAssent(text, language)).toBe(true);
  });

  it.each([
    ['', 'en'],
    ['No.', 'en'],
    ['Wait.', 'en'],
    ['Stop.', 'en'],
    ['Okay, stop.', 'en'],
    ['Yes, but how?', 'en'],
    ['Yes?', 'en'],
    ['Yes yes yes yes yes.', 'en'],
    ['Uh-uh.', 'en'],
    ['Mm-mm.', 'en'],
    ['Fine.', 'it'],
    ['Ja.', 'en'],
    ['Genau.', undefined],
    ['Nein.', 'de'],
    ['Doch.', 'de'],
    ['Ya.', 'es'],
    ['Yes, 5.', 'en'],
    ['constructor', 'constructor'],
  ])('is false for "%s" in %s', (text, language) => {
    expect(isAssent(text, language)).toBe(false);
  });

  it('has no word that objects in any language', () => {
    for (const word of 'no non nein nee nie ne não нет ні hayır いいえ 不 아니요 nej wait stop halt basta'.split(
      ' ',
    ))
      for (const language of LANGUAGES) expect(isAssent(word, language)).toBe(false);
  });

  it('is true for every expression of the lists', () => {
    for (const language of LANGUAGES)
      for (const words of `${GENERIC_ASSENT}|${ASSENT[language]}`.split('|'))
        expect(isAssent(`${words[0]!.toUpperCase()}${words.slice(1)}.`, language), words).toBe(true);
  });

  it('is false for any text with another word', () => {
    const other = fc.stringMatching(/^[a-zäöüéñ]{1,12}$/u).filter((word) => !WORDS.has(word));
    const known = fc.array(fc.constantFrom(...WORDS), { maxLength: 3 });
    fc.assert(
      fc.property(known, other, known, fc.constantFrom(...LANGUAGES), (before, word, after, language) => {
        expect(isAssent(`${[...before, word, ...after].join(' ')}.`, language)).toBe(false);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });
});

describe('isWordless', () => {
  it.each(['', '…', ' — ', '.'])('is true for "%s"', (text) => {
    expect(isWordless(text)).toBe(true);
  });

  it.each(['a', '5', '?', 'はい'])('is false for "%s"', (text) => {
    expect(isWordless(text)).toBe(false);
  });
});
