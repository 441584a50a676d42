import { AFTER, BEFORE, type FormRule, patternRule } from './form-rule.ts';
import { spellCode, spellDigits, spellGroups } from './spelled-digits.ts';

/** ISO 13616: a country, two check digits, groups of four. */
const IBAN = /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?![\p{L}\p{N}])/gu;
/** Four numbers of an internet address, and versions. */
const DOTTED = new RegExp(String.raw`${BEFORE}(v?)(\d{1,3}(?:\.\d{1,3}){2,3})${AFTER}`, 'giu');
/** "1-800-FLOWERS" */
const LETTERED =
  /(?<![\p{L}\p{N}+-])(\+?1[- ])?(0?8\d\d|900)[- ]([A-Z]{3,12}(?:-[A-Z]{2,12})?)(?![\p{L}\p{N}])/gu;
/** Of the United Kingdom: "SW1A 1AA". */
const UK_POSTCODE = /(?<![\p{L}\p{N}-])([A-Z]{1,2}\d[A-Z\d]?) (\d[A-Z]{2})(?![\p{L}\p{N}-])/gu;
/** After the house number or the state: "5, 10115 Berlin", "CA 94105". */
const POSTAL_CODE = /(?<=\d[a-z]?, |[ ,][A-Z]{2} )(\d{5})(?=(?:-\d{4})?(?: \p{Lu}|[.,;]|$))/gu;
/** Letters and digits: "AB-12345-XY", "X7K9P2". */
const MIXED =
  /(?<![\p{L}\p{N}_@/.-])[A-Z0-9]{1,20}(?:-[A-Z0-9]{1,20}){0,5}(?![\p{L}\p{N}_@/]|[-.:][\p{L}\p{N}])/gu;
const MIN_CODE = 5;
const LONGEST_SPELLED_LETTERS = 3;
/** Longer groups are divided into fours. */
const LONGEST_GROUP = 8;
/** A year after letters, "FY2026", and a quantity with its unit, "5000EUR", are no codes. */
const NO_CODE = /^(?:[A-Z]+(?:19|20)\d\d|\d+[A-Z]+)$/u;

/** Account numbers: "D E, 8 9, 3 7 0 4". */
export const readIbans: FormRule = patternRule(IBAN, ([iban], context) => {
  const characters = iban.replaceAll(' ', '');
  const groups = [characters.slice(0, 2), characters.slice(2, 4), ...characters.slice(4).match(/.{1,4}/g)!];
  return groups.map((group) => spellCode(group, context)).join(', ');
});

export const readDottedNumbers: FormRule = patternRule(DOTTED, ([text, version, groups], context) => {
  const { signs, numbers } = context;
  if (!signs) return text;
  const parts = groups!.split('.');
  if (parts.some((part) => part.length > 1 && part.startsWith('0'))) return undefined;
  return version! + parts.map((part) => numbers?.whole(part) ?? part).join(` ${signs.dot} `);
});

export const readLetteredNumbers: FormRule = patternRule(LETTERED, ([, country, area, letters], context) => {
  const plus = country?.startsWith('+') ? `${context.signs?.plus ?? '+'} ` : '';
  const groups = country ? ['1', area!] : [area!];
  return `${plus}${spellGroups(groups, context)}, ${letters!}`;
});

export const readUkPostcodes: FormRule = patternRule(UK_POSTCODE, ([, area, rest], context) =>
  context.language === 'en' ? `${spellCode(area!, context)}, ${spellCode(rest!, context)}` : undefined,
);

export const readPostalCodes: FormRule = patternRule(POSTAL_CODE, ([digits], context) =>
  spellDigits(digits, context),
);

export const readMixedCodes: FormRule = patternRule(MIXED, ([code], context) => {
  const runs = code.match(/\d+|[A-Z]+/g)!;
  const letters = runs.filter((run) => /[A-Z]/.test(run));
  const isMixed = letters.length > 0 && letters.length < runs.length;
  if (!isMixed || runs.join('').length < MIN_CODE || NO_CODE.test(code)) return undefined;
  if (letters.some(({ length }) => length > LONGEST_SPELLED_LETTERS)) return undefined;
  const groups = code
    .split('-')
    .flatMap((group) => (group.length > LONGEST_GROUP ? group.match(/.{1,4}/g)! : [group]));
  return groups.map((group) => spellCode(group, context)).join(', ');
});
