/** Digits that say "what follows is an international number" from a landline, as `+` does. */
const INTERNATIONAL = /^00(?=[1-9])/;

/**
 * An address of a call as it is compared: of a number its digits alone, of anything else (`client:zoe`, `sip:…`, `anonymous`)
 * all of it without case.
 */
export function comparable(address: string): string {
  const trimmed = address.trim().toLowerCase();
  if (!/^[+\d\s().\-/]+$/.test(trimmed)) return trimmed;
  return trimmed.replace(/\D/g, '').replace(INTERNATIONAL, '');
}

export function isSameAddress(one: string, other: string): boolean {
  return comparable(one) === comparable(other) && comparable(one) !== '';
}
