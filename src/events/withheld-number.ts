/** The address of every caller who withheld the number, in files and on pages. */
export const WITHHELD = 'number withheld';

/**
 * What Twilio gives instead of a number: the letters ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN and UNAVAILABLE on a keypad.
 * https://help.twilio.com/articles/223179988
 */
const CODES = new Set(['266696687', '7378742833', '2562533', '8656696', '86282452253']);
const WORDS =
  /^(?:tel:|\+)?(anonymous( caller)?|restricted( number)?|private( number| caller)?|blocked( number| caller)?|(number )?unavailable|withheld|number withheld|no number|not provided|(caller )?id (blocked|withheld|unavailable)|no caller id|unknown (caller|number)|(number )?not available|out of area)$/i;
/** RFC 3323 names the first; the others are what providers send in its place. */
const SIP =
  /^(?:sips?:(?:anonymous|restricted|unavailable|unknown|private)@|(?:sips?:)?[^@\s]*@[^@;>]*\.invalid(?:[;:>]|$))/i;

/** Whether an address stands for a withheld number. A code counts with its `+` alone: 256-2533 is a number too. */
export function isWithheld(address: string): boolean {
  const written = address
    .trim()
    .replace(/^(?:"[^"]*"|[^"<@:]*)\s*(?=<)/, '')
    .replace(/^<(.*)>$/, '$1')
    .replace(/^["'](.*)["']$/, '$1');
  const [, code] = /^(?:tel:|sips?:)?(?:\+|00|%2b)([\d\s().-]+)(?:[@;].*)?$/i.exec(written) ?? [];
  if (code !== undefined && CODES.has(code.replace(/\D/g, ''))) return true;
  return WORDS.test(written.replaceAll(/[\s_-]+/g, ' ')) || SIP.test(written);
}

/** The address of a caller as it is shown and stored: one value for all withheld numbers. */
export function callerAddress(address: string): string {
  return isWithheld(address) ? WITHHELD : address;
}
