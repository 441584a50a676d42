import type { SpeakingContext } from './form-rule.ts';
import type { Gender, NumberWords } from './number-words.ts';
import type { WrittenNumber } from './number-notation.ts';

/** What people say for a currency and its hundredth part. `Intl` has neither: it says "US dollars", and knows no cents. */
interface CurrencyNames {
  readonly one: string;
  readonly many: string;
  readonly cent: string;
  readonly cents: string;
  readonly gender?: Gender;
}

const euro = names('euro', 'euros', 'cent', 'cents');
const NAMES: Readonly<Record<string, Readonly<Record<string, CurrencyNames>>>> = {
  en: {
    EUR: euro,
    $: names('dollar', 'dollars', 'cent', 'cents'),
    GBP: names('pound', 'pounds', 'penny', 'pence'),
    CHF: names('Swiss franc', 'Swiss francs', 'centime', 'centimes'),
  },
  de: {
    EUR: names('Euro', 'Euro', 'Cent', 'Cent'),
    $: names('Dollar', 'Dollar', 'Cent', 'Cent'),
    GBP: names('Pfund', 'Pfund', 'Penny', 'Pence'),
    CHF: names('Franken', 'Franken', 'Rappen', 'Rappen'),
  },
  es: {
    EUR: names('euro', 'euros', 'céntimo', 'céntimos'),
    $: names('dólar', 'dólares', 'centavo', 'centavos'),
    GBP: names('libra', 'libras', 'penique', 'peniques', 'feminine'),
    CHF: names('franco suizo', 'francos suizos', 'céntimo', 'céntimos'),
  },
  fr: {
    EUR: names('euro', 'euros', 'centime', 'centimes'),
    $: names('dollar', 'dollars', 'cent', 'cents'),
    GBP: names('livre', 'livres', 'penny', 'pence', 'feminine'),
    CHF: names('franc', 'francs', 'centime', 'centimes'),
  },
};
/** Of those that `Intl` names. */
const FEMININE = new Set(['SEK', 'NOK', 'DKK', 'CZK', 'INR']);
/** The sign of the dollar is that of the peso in other Spanish-speaking countries. */
const DOLLAR_COUNTRIES = new Set(['ES', 'US', 'EC', 'SV', 'PR', 'PA']);

/** How languages join an amount and its cents: "twelve euros and fifty cents", "zwölf Euro fünfzig". */
const JOINED: Readonly<Record<string, (whole: string, cents: string, unit: string) => string>> = {
  en: (whole, cents, unit) => `${whole} and ${cents} ${unit}`,
  de: (whole, cents) => `${whole} ${cents}`,
  es: (whole, cents, unit) => `${whole} con ${cents} ${unit}`,
  fr: (whole, cents) => `${whole} ${cents}`,
};

/** Undefined if the sign or the number may mean something else there. `currency`: an ISO code, or `$`. */
export function currencyAmount(
  number: WrittenNumber,
  currency: string,
  numbers: NumberWords,
  { language, tag }: SpeakingContext,
): string | undefined {
  const names = namesOf(currency, language, tag);
  if (currency === '$' && !names) return undefined;
  const { integer, fraction } = number;
  // "$1.000" and "1,000 €" are thousands in another notation.
  if (fraction.length === 3 && integer !== '0') return undefined;
  const gender = names?.gender ?? (FEMININE.has(currency) && language !== 'en' ? 'feminine' : 'masculine');
  const name = (count: string): string => {
    if (!names) return intlName(currency, tag, Number(count));
    return count === '1' ? names.one : names.many;
  };
  const whole = `${numbers.whole(integer, gender)} ${/0{6}$/.test(integer) ? afterMillions(name(integer), language) : name(integer)}`;
  if (/^0*$/.test(fraction)) return whole;
  if (!names || fraction.length !== 2) return `${numbers.decimal(number)} ${name(`${integer}.${fraction}`)}`;
  const count = String(Number(fraction));
  const unit = count === '1' ? names.cent : names.cents;
  if (integer === '0') return `${numbers.whole(count, 'masculine')} ${unit}`;
  return JOINED[language]!(whole, numbers.whole(count, language === 'de' ? undefined : 'masculine'), unit);
}

/** The name after "million". */
export function currencyPlural(currency: string, { language, tag }: SpeakingContext): string | undefined {
  const names = namesOf(currency, language, tag);
  return currency === '$' || names ? names?.many : intlName(currency, tag, 1_000_000);
}

/** "un millón de euros", "un million d'euros" */
function afterMillions(name: string, language: string): string {
  if (language === 'fr' && /^[aeiou]/i.test(name)) return `d'${name}`;
  return language === 'fr' || language === 'es' ? `de ${name}` : name;
}

function namesOf(currency: string, language: string, tag: string): CurrencyNames | undefined {
  if (currency === '$' && language === 'es' && !DOLLAR_COUNTRIES.has(tag.split('-')[1] ?? ''))
    return undefined;
  return NAMES[language]?.[currency];
}

function intlName(currency: string, tag: string, count: number): string {
  const format = new Intl.NumberFormat(tag, { style: 'currency', currency, currencyDisplay: 'name' });
  return format.formatToParts(count).find(({ type }) => type === 'currency')?.value ?? currency;
}

function names(one: string, many: string, cent: string, cents: string, gender?: Gender): CurrencyNames {
  return gender === undefined ? { one, many, cent, cents } : { one, many, cent, cents, gender };
}
