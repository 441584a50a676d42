/** Digits that say "what follows is an international number" from a landline, as `+` does. */
const INTERNATIONAL = /^00(?=[1-9]\d{6})/;
/** Fewer digits before an `@` are an extension, which every host has for itself. */
const FEWEST_SIP_DIGITS = 7;

/**
 * An address of a call as it is compared: of a number its digits alone, also where it stands in a `tel:`, `sip:` or
 * `whatsapp:` address; of anything else (`client:zoe`, `sip:zoe@example.com`, `anonymous`) all of it without case.
 */
export function normalizedAddress(address: string): string {
  return digitsOf(address) ?? address.trim().toLowerCase();
}

export function isSameAddress(one: string, other: string): boolean {
  return normalizedAddress(one) === normalizedAddress(other) && normalizedAddress(one) !== '';
}

/** The digits of the telephone number that an address is or holds; undefined where there is none. */
export function digitsOf(address: string): string | undefined {
  const [, scheme, rest] = /^(?:(tel|whatsapp|sips?):)?(.*)$/is.exec(address.trim())!;
  const number = scheme === undefined ? rest! : numberIn(rest!);
  if (!/^[+\d\s().\-/]+$/.test(number) || !/\d/.test(number)) return undefined;
  const digits = number.replace(/\D/g, '').replace(INTERNATIONAL, '');
  const isExtension = /^sip/i.test(scheme ?? '') && !/^(\+|00)/.test(number);
  return isExtension && digits.length < FEWEST_SIP_DIGITS ? undefined : digits;
}

/** RFC 3261 and 3966: parameters follow a semicolon, a password a colon. */
function numberIn(uri: string): string {
  return uri
    .replace(/[@;:].*$/s, '')
    .replace(/%2b/gi, '+')
    .trim();
}
