/** Begins an escape, and is therefore itself escaped. */
const ESCAPE = '\u001b';
/** What some database cannot keep: NUL, and halves of a surrogate pair. */
const UNSTORABLE = new RegExp(
  String.raw`[\0${ESCAPE}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]`,
  'g',
);
/** What most texts do not have at all; quicker to see. */
const SUSPECT = new RegExp(String.raw`[\0${ESCAPE}\ud800-\udfff]`);
const ESCAPED = new RegExp(`${ESCAPE}([0-9a-f]{4})`, 'g');

/** A text as every database can keep it; nearly all texts are kept as they are. */
export function escapeText(text: string): string {
  if (!SUSPECT.test(text)) return text;
  return text.replace(UNSTORABLE, (unit) => `${ESCAPE}${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export function unescapeText(text: string): string {
  return text.includes(ESCAPE)
    ? text.replace(ESCAPED, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
    : text;
}
