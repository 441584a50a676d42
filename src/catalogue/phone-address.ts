import { isWithheld, WITHHELD } from '../events/withheld-number.ts';

/** International call prefixes from a landline, equivalent to `+`. */
const INTERNATIONAL = /^00(?=[1-9]\d{6})/;
/** A user part with fewer digits before `@` is an extension, which is only unique per host. */
const FEWEST_SIP_DIGITS = 7;

/**
 * Normalises an address for comparison. Numbers, also in `tel:`, `sip:` and `whatsapp:` addresses, become digits. Other
 * addresses (`client:zoe`, `sip:zoe@example.com`) become lower case, and all forms of a withheld number one word.
 */
export function normalizedAddress(address: string): string {
  if (isWithheld(address)) return WITHHELD;
  return digitsOf(address) ?? address.trim().toLowerCase();
}

export function isSameAddress(one: string, other: string): boolean {
  return normalizedAddress(one) === normalizedAddress(other) && normalizedAddress(one) !== '';
}

/** The digits of the telephone number in an address; undefined if it contains none. */
export function digitsOf(address: string): string | undefined {
  const [, scheme, rest] = /^(?:(tel|whatsapp|sips?):)?(.*)$/is.exec(address.trim())!;
  const number = scheme === undefined ? rest! : numberIn(rest!);
  if (!/^[+\d\s().\-/]+$/.test(number) || !/\d/.test(number)) return undefined;
  const digits = number.replace(/\D/g, '').replace(INTERNATIONAL, '');
  const isExtension = /^sip/i.test(scheme ?? '') && !/^(\+|00)/.test(number);
  return isExtension && digits.length < FEWEST_SIP_DIGITS ? undefined : digits;
}

/** RFC 3261 and 3966: a semicolon starts parameters, a colon starts a password. */
function numberIn(uri: string): string {
  return uri
    .replace(/[@;:].*$/s, '')
    .replace(/%2b/gi, '+')
    .trim();
}
