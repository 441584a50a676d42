import { type FormRule, patternRule, type SpeakingContext } from './form-rule.ts';
import { spellDigits } from './spelled-digits.ts';

const MAIL =
  /(?<![\p{L}\p{N}._%+@–-])[\p{L}\p{N}._%+-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,4}\p{L}{2,24}(?![\p{L}\p{N}@_]|[.+–-][\p{L}\p{N}])/gu;
/** Endings that are no words of a sentence whose blank after the full stop is missing. */
const HOST =
  /(?<![\p{L}\p{N}@._/+–-])(?:[A-Za-z0-9-]{1,63}\.){1,3}(?:com|org|net|info|biz|eu|io|ai|app|dev|gov|edu|shop|online|de|at|ch|es|fr|uk|it|nl|ca|mx|br|au|us)(?:\/[A-Za-z0-9_./-]{0,99}[A-Za-z0-9])?(?![\p{L}\p{N}@_]|[.-][\p{L}\p{N}])/gu;

/** E-mail addresses: "john dot smith at example dot com". */
export const readMailAddresses: FormRule = patternRule(MAIL, ([address], context) =>
  speakAddress(address, context),
);

/** Names of servers, with the path that the text gives: "example dot com". */
export const readHosts: FormRule = patternRule(HOST, ([host], context) =>
  /^\d/.test(host) && /^[\d.]+\.[a-z]+$/.test(host) ? undefined : speakAddress(host, context),
);

function speakAddress(address: string, context: SpeakingContext): string {
  const { signs } = context;
  if (!signs) return address;
  const words: Readonly<Record<string, string>> = {
    '@': signs.at,
    '.': signs.dot,
    '-': signs.hyphen,
    _: signs.underscore,
    '/': signs.slash,
    '+': signs.plus,
  };
  const parts = address.match(/\d+|\D/gu)!;
  let spoken = '';
  for (const part of parts) {
    if (/\d/.test(part)) spoken += ` ${spellDigits(part, context)} `;
    else spoken += words[part] === undefined ? part : ` ${words[part]} `;
  }
  return spoken.replace(/ {2,}/g, ' ').trim();
}
