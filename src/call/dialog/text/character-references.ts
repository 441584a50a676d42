/** Names with the characters that they stand for. */
const NAMED =
  `amp& lt< gt> quot" apos' hellip… mdash— ndash– lsquo‘ rsquo’ ldquo“ rdquo” bdquo„ sbquo‚ laquo« ` +
  'raquo» iexcl¡ iquest¿ bull• middot· deg° euro€ pound£ yen¥ cent¢ sect§ copy© reg® trade™ times× ' +
  'divide÷ plusmn± frac12½ frac14¼ frac34¾ sup2² sup3³ microµ szligß aumlä oumlö uumlü AumlÄ OumlÖ ' +
  'UumlÜ aringå AringÅ aeligæ oslashø OslashØ AEligÆ ccedilç CcedilÇ ntildeñ NtildeÑ oeligœ aacuteá ' +
  'eacuteé iacuteí oacuteó uacuteú agraveà egraveè igraveì ograveò ugraveù acircâ ecircê icircî ocircô ' +
  'ucircû eumlë iumlï atildeã otildeõ EacuteÉ AacuteÁ num# ast* lowbar_ colon: comma, period. excl! ' +
  'quest? lpar( rpar) lsqb[ rsqb] percnt% dollar$';
const BLANKS = 'nbsp ensp emsp thinsp'.split(' ');
const INVISIBLE = 'shy zwj zwnj'.split(' ');

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ...NAMED.split(' ').map((one): [string, string] => [one.slice(0, -1), one.slice(-1)]),
  ...BLANKS.map((name): [string, string] => [name, ' ']),
  ...INVISIBLE.map((name): [string, string] => [name, '']),
]);

export interface Reference {
  readonly length: number;
  /** The character it stands for; empty if there is none. */
  readonly replacement: string;
}

/** Reads the character reference at the start of `text`: `&amp;`, `&#39;`. */
export function readEntity(text: string): Reference | 'more' | undefined {
  const found = /^&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));/u.exec(text);
  if (!found)
    return /^&(?:#|#\d{1,7}|#[xX][0-9a-fA-F]{0,6}|[A-Za-z][A-Za-z0-9]{0,31})?$/u.test(text)
      ? 'more'
      : undefined;
  const [whole, decimal, hexadecimal, name] = found;
  if (name !== undefined) {
    const character = ENTITIES.get(name);
    return character === undefined ? undefined : { length: whole.length, replacement: character };
  }
  const point = decimal === undefined ? parseInt(hexadecimal!, 16) : Number(decimal);
  const valid = point > 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
  return { length: whole.length, replacement: valid ? String.fromCodePoint(point) : '' };
}
