import type { SpokenFormMode } from '../../../../events/call-settings.ts';
import { readHosts, readMailAddresses } from './addresses.ts';
import { readAmounts, readSignedAmounts } from './amounts.ts';
import {
  readDottedNumbers,
  readIbans,
  readLetteredNumbers,
  readMixedCodes,
  readPostalCodes,
  readUkPostcodes,
} from './codes.ts';
import { readDottedDates, readIsoDates, readNamedDates, readShortDates, readSlashedDates } from './dates.ts';
import { readDigitGroups, readDigitRuns } from './digit-groups.ts';
import type { FormRule, SpeakingContext, SpokenPart } from './form-rule.ts';
import { numberWords } from './number-words.ts';
import {
  readGroupedNumbers,
  readHalves,
  readMeasures,
  readNumberSigns,
  readOrdinals,
  readPlainNumbers,
  readRanges,
  readSpacedNumbers,
} from './quantities.ts';
import { signWords } from './sign-words.ts';
import { SpeakingLanguage } from './speaking-language.ts';
import { readTelephoneNumbers } from './telephone-numbers.ts';
import {
  readClockTimes,
  readHalfDayRanges,
  readHalfDayTimes,
  readHourTimes,
  readTimeRanges,
  readUhrTimes,
} from './times.ts';

/** In order: what one has read is not read by those after it. */
const RULES: readonly FormRule[] = [
  readMailAddresses,
  readHosts,
  readIbans,
  readIsoDates,
  readDottedDates,
  readShortDates,
  readSlashedDates,
  readNamedDates,
  readHalfDayRanges,
  readTimeRanges,
  readHalfDayTimes,
  readUhrTimes,
  readHourTimes,
  readClockTimes,
  readSignedAmounts,
  readAmounts,
  readMeasures,
  readRanges,
  readGroupedNumbers,
  readTelephoneNumbers,
  readSpacedNumbers,
  readLetteredNumbers,
  readUkPostcodes,
  readPostalCodes,
  readDottedNumbers,
  readMixedCodes,
  readDigitGroups,
  readNumberSigns,
  readDigitRuns,
  readOrdinals,
  readHalves,
  readPlainNumbers,
];
/** A sentence without a digit and an address is spoken as it is written. */
const TO_READ = /\d|@|[A-Za-z0-9]\.[a-z]/;
const REGION = /-([A-Z]{2})\b/;

/**
 * Puts numbers, addresses and codes of a sentence into the words that people say. What could mean several things stays as it is
 * written: a clumsy number is better than a wrong one.
 */
export class SpokenForm {
  readonly #mode: SpokenFormMode;
  readonly #usual: string;
  readonly #language: SpeakingLanguage;

  /** For the sentences of one reply. `language`: of the call, a tag such as `de` or `pt-BR`. */
  constructor(mode: SpokenFormMode = 'off', language = 'en') {
    this.#mode = mode;
    this.#usual = knownTag(language);
    this.#language = new SpeakingLanguage(this.#usual);
  }

  say(sentence: string): string {
    if (this.#mode === 'off') return sentence;
    const tag = this.#language.of(sentence);
    if (!TO_READ.test(sentence)) return sentence;
    return join(sentence, partsOf(sentence, this.#contextOf(tag)));
  }

  #contextOf(tag: string): SpeakingContext {
    const language = tag.split('-')[0]!.toLowerCase();
    return {
      tag,
      language,
      country: countryOf(this.#usual),
      signs: signWords(language),
      numbers: this.#mode === 'all' ? numberWords(tag) : undefined,
    };
  }
}

/** Without subtags that do not belong together. */
function knownTag(tag: string): string {
  try {
    return Intl.getCanonicalLocales(tag)[0]!;
  } catch {
    return tag.split('-')[0]!;
  }
}

/** Where most people speak the language, unless the tag names a region. */
function countryOf(tag: string): string | undefined {
  return REGION.exec(tag)?.[1] ?? new Intl.Locale(tag).maximize().region;
}

/** Without overlaps, in the order of the sentence. */
function partsOf(sentence: string, context: SpeakingContext): SpokenPart[] {
  const parts: SpokenPart[] = [];
  const isRead = new Uint8Array(sentence.length);
  for (const rule of RULES) {
    for (const part of rule(sentence, context)) {
      if (isRead.subarray(part.start, part.end).includes(1)) continue;
      isRead.fill(1, part.start, part.end);
      parts.push(part);
    }
  }
  return parts.sort((one, other) => one.start - other.start);
}

function join(sentence: string, parts: readonly SpokenPart[]): string {
  let spoken = '';
  let end = 0;
  for (const part of parts) {
    spoken += sentence.slice(end, part.start) + part.spoken;
    end = part.end;
  }
  spoken += sentence.slice(end);
  return parts[0]?.start === 0 && /^\P{L}/u.test(sentence) ? capitalised(spoken) : spoken;
}

/** A sentence that began with a figure begins with a word. */
function capitalised(text: string): string {
  return text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}
