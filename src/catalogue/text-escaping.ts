/** The escape character; it is itself escaped. */
const ESCAPE = '\u001b';
/** Characters that some databases cannot store: NUL and unpaired surrogates. */
const UNSTORABLE = new RegExp(
  String.raw`[\0${ESCAPE}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]`,
  'g',
);
/** A cheap first test: most texts contain none of these. */
const SUSPECT = new RegExp(String.raw`[\0${ESCAPE}\ud800-\udfff]`);
const ESCAPED = new RegExp(`${ESCAPE}([0-9a-f]{4})`, 'g');

/** A text in a form that every database can store; nearly all texts are unchanged. */
export function escapeText(text: string): string {
  if (!SUSPECT.test(text)) return text;
  return text.replace(UNSTORABLE, (unit) => `${ESCAPE}${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export function unescapeText(text: string): string {
  return text.includes(ESCAPE)
    ? text.replace(ESCAPED, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
    : text;
}
