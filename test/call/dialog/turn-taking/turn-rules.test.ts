import { describe, expect, it } from 'vitest';
import { TurnRules } from '../../../../src/call/dialog/turn-taking/turn-rules.ts';
import type { LanguageRules } from '../../../../src/settings/turn-rules/turn-rules.ts';

const rules = (given: Partial<LanguageRules>): LanguageRules => ({
  ...{ assent: [], notAssent: [], unfinished: [], notUnfinished: [], farewells: [] },
  ...given,
});

describe('TurnRules with words of a user', () => {
  it('takes own words as assent, also with built-in ones, in their language alone', () => {
    const { assent } = new TurnRules({ de: rules({ assent: ['jo mei', 'c++'] }) });
    for (const text of ['Jo mei.', 'Ja, jo mei!', 'C++', 'Okay.'])
      expect(assent.matches(text, 'de-AT')).toBe(true);
    expect(assent.matches('ccc', 'de-AT')).toBe(false);
    expect(assent.matches('Jo mei.', 'en')).toBe(false);
    expect(new TurnRules().assent.matches('Jo mei.', 'de')).toBe(false);
  });

  it('removes built-in words of assent', () => {
    const { assent } = new TurnRules({ en: rules({ notAssent: ['right', 'mm'] }) });
    expect(assent.matches('Right.', 'en')).toBe(false);
    expect(assent.matches('Mm.', 'en')).toBe(false);
    expect(assent.matches('All right.', 'en')).toBe(true);
    expect(new TurnRules().assent.matches('Right.', 'en')).toBe(true);
  });

  it('knows a language under each of its codes', () => {
    const { assent, sentences } = new TurnRules({
      nb: rules({ assent: ['skjønner'] }),
      no: rules({ assent: ['nemlig'], unfinished: ['altså'] }),
    });
    for (const tag of ['nb-NO', 'no', 'nn'])
      for (const text of ['Nemlig', 'Skjønner.']) expect(assent.matches(text, tag)).toBe(true);
    expect(sentences.of('Jeg ringer altså.', 'nb')).toBe('unfinished');
  });

  it('waits after own words, of a language without built-in ones too', () => {
    const { sentences } = new TurnRules({
      en: rules({ unfinished: ['licence plate is'] }),
      nl: rules({ unfinished: ['mijn klantnummer is', 'want'] }),
    });
    expect(sentences.of('My licence plate is.', 'en')).toBe('unfinished');
    expect(sentences.of('My licence plate is red.', 'en')).toBe('finished');
    expect(sentences.of('Mijn klantnummer is.', 'nl-NL')).toBe('unfinished');
    expect(sentences.of('Ik bel, want.', 'nl')).toBe('unfinished');
    expect(sentences.of('Ik kom uit Antwant.', 'nl')).toBe('finished');
    // The built-in rules still count.
    expect(sentences.of('I would like to and.', 'en')).toBe('unfinished');
  });

  it('does not wait after words that a user has removed', () => {
    const { sentences } = new TurnRules({ en: rules({ notUnfinished: ['than', 'what about'] }) });
    expect(sentences.of('More than.', 'en')).toBe('finished');
    expect(sentences.of('And what about.', 'en')).toBe('finished');
    expect(sentences.of('Because.', 'en')).toBe('unfinished');
  });

  it('compares words without punctuation, capitals and double spaces', () => {
    const own = rules({ unfinished: ['ja also', 'äh'], notUnfinished: ['hin und'] });
    const { sentences } = new TurnRules({ de: own });
    for (const text of ['Ja, also.', 'ja  also', '„Ja, also …“', 'Ja:\nalso!', 'Gut, a\u0308h.'])
      expect(sentences.of(text, 'de')).toBe('unfinished');
    expect(sentences.of('Ja. Halt, hin -- und.', 'de')).toBe('finished');
    const turkish = rules({ assent: ['İYİ TAMAM'], unfinished: ['İŞTE'] });
    expect(new TurnRules({ tr: turkish }).assent.matches('İyi, tamam.', 'tr')).toBe(true);
    expect(new TurnRules({ tr: turkish }).sentences.of('Benim adım işte.', 'tr')).toBe('unfinished');
  });

  it('finds a phrase at the end of a text without spaces between words', () => {
    const { sentences } = new TurnRules({ zh: rules({ unfinished: ['我的号码是'] }) });
    expect(sentences.of('你好，请问我的号码是。', 'zh')).toBe('unfinished');
    expect(sentences.of('我的号码是对的。', 'zh')).toBe('finished');
  });

  it('without a language, takes the words of all', () => {
    const { sentences } = new TurnRules({ nl: rules({ unfinished: ['omdat'] }) });
    expect(sentences.of('Ik bel omdat.')).toBe('unfinished');
    expect(sentences.of('Ik bel omdat.', 'de')).toBe('finished');
  });

  it('knows own farewells, with the same limits as built-in ones', () => {
    const { farewells } = new TurnRules({ de: rules({ farewells: ["habe d'ehre"] }) });
    expect(farewells.end("Danke, habe d'Ehre!")).toBe(true);
    expect(farewells.end("Habe d'Ehre?")).toBe(false);
    expect(farewells.end("Wie schreibt man das Wort habe d'Ehre")).toBe(false);
    expect(farewells.end('Goodbye.')).toBe(true);
    expect(new TurnRules().farewells.end("Habe d'Ehre!")).toBe(false);
  });
});
