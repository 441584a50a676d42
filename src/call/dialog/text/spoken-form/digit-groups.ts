import { AFTER, BEFORE, type FormRule, patternRule } from './form-rule.ts';
import { hasSpelledDigits, spellGroups } from './spelled-digits.ts';

/** After a blank or a full stop a single digit is a number of its own. */
const NEXT_GROUP = String.raw`(?: ?[-–\u2011/] ?\d{1,20}|[ .\u00a0]\d{2,20})`;
const GROUPS = new RegExp(String.raw`${BEFORE}\d{1,20}${NEXT_GROUP}{1,9}${AFTER}`, 'gu');
const DECIMAL = /^\d+\.\d+$/;
const RUN = new RegExp(String.raw`${BEFORE}\d{2,40}${AFTER}`, 'gu');
/** Fewer digits in groups are a date, a range, a score. */
const MIN_GROUPED_DIGITS = 7;
/** A longer run is no quantity: people write those with separators. */
const LONGEST_QUANTITY = 6;
/** Nouns before a number that is read digit by digit. */
const NAMED =
  /(?:\b(?:code|pin|zip|plz|postleitzahl|code postal|código postal|room|suite|zimmer|habitación|chambre|number|no\.|reference|order|booking|account|customer|invoice|case|ticket|confirmation|tracking|policy|ending in|extension|dial|call|nummer|nr\.|kennwort|durchwahl|referenz|kunden|código|número|referencia|pedido|reserva|extensión|cuenta|numéro|n°|référence|commande|réservation|dossier|poste|compte)|(?:nummer|nr\.|zeichen|code))(?: (?:is|number|ist|lautet|es|est|:))?:?\s*$/iu;
const MIN_NAMED_DIGITS = 4;
/** Emergency and service numbers after "call" and "dial". */
const CALLED =
  /\b(?:call|dial|wählen sie|rufen sie|marque|llame|appelez|composez)(?: (?:the|die|den|el|al|le))?\s+$/iu;
const SHORT_NUMBERS = new Set(['911', '999', '112', '110', '115', '116', '118', '988', '311', '411']);
const NAMED_WITHIN = 40;

/** Card, account and telephone numbers: digit by digit, in the groups of the text. */
export const readDigitGroups: FormRule = patternRule(GROUPS, ({ 0: text, index, input }, context) => {
  if (hasSpelledDigits(input, index, index + text.length)) return undefined;
  const groups = text.match(/\d+/g)!;
  const length = groups.join('').length;
  if (DECIMAL.test(text)) return undefined;
  if (groups.length === 2 && isRange(groups)) return undefined;
  const isLong = length >= MIN_GROUPED_DIGITS;
  if (!isLong && !(groups[0].startsWith('0') && groups[0].length > 2)) return undefined;
  return spellGroups(groups, context);
});

/** "1990-2020", "1000-2000": both may be quantities. */
function isRange([from, to]: readonly string[]): boolean {
  return (
    from!.length === to!.length && from!.length <= 4 && !from!.startsWith('0') && Number(from) < Number(to)
  );
}

/** Numbers that are no quantities: with a leading zero, too long, or named as a code. */
export const readDigitRuns: FormRule = function* (sentence, context) {
  for (const { 0: digits, index } of sentence.matchAll(RUN)) {
    const before = sentence.slice(Math.max(0, index - NAMED_WITHIN), index);
    const after = sentence.slice(index + digits.length);
    const isNamed = digits.length >= MIN_NAMED_DIGITS && NAMED.test(before) && !/^ \p{L}/u.test(after);
    const isCalled = SHORT_NUMBERS.has(digits) && CALLED.test(before);
    const isLong = digits.length > LONGEST_QUANTITY && !digits.endsWith('000');
    if (!isNamed && !isCalled && !isLong && !digits.startsWith('0')) continue;
    yield { start: index, end: index + digits.length, spoken: spellGroups([digits], context) };
  }
};
