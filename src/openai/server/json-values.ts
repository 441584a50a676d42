import { parseJson } from '../../http/parse-json.ts';

/** Strings, and the numbers that JSON does not have. */
const STRING_OR_NO_NUMBER = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/gsu;

/**
 * The value of a JSON text of a server; undefined if it is none. Python's `json.dumps` writes NaN and Infinity (for probabilities, see
 * Nyralei/whisperx-api-server#36), which become null; programs that assemble JSON by hand leave line feeds and tabs in strings.
 */
export function parseServerJson(text: string): unknown {
  return parseJson(text) ?? parseJson(text.replace(STRING_OR_NO_NUMBER, corrected));
}

function corrected(found: string): string {
  if (!found.startsWith('"')) return 'null';
  return found.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}

/** What may stand between two values: blanks, the record separator of RFC 7464, the field name of a server-sent event. */
const SEPARATOR = /^(?:[\s\p{Cc}]|data:|\[DONE\])*/u;

/**
 * The objects and lists of a text that contains several, one after the other: `{"a":1}{"b":2}`, JSON lines, JSON sequences
 * (RFC 7464), or events without line feeds between them. Undefined if anything else is in it, or if the last one is incomplete.
 */
export function readJsonValues(text: string): unknown[] | undefined {
  const values: unknown[] = [];
  let rest = text.replace(SEPARATOR, '');
  while (rest !== '') {
    const length = lengthOfValue(rest);
    const value = length === undefined ? undefined : parseServerJson(rest.slice(0, length));
    if (value === undefined) return undefined;
    values.push(value);
    rest = rest.slice(length).replace(SEPARATOR, '');
  }
  return values;
}

/** The length of the object or list at the start; undefined if the text begins with neither, or does not contain its end. */
function lengthOfValue(text: string): number | undefined {
  if (!/^[{[]/u.test(text)) return undefined;
  let depth = 0;
  // A string is one match, so that brackets in it are not counted.
  for (const { 0: found, index } of text.matchAll(/"(?:[^"\\]|\\.)*"?|[{}[\]]/gsu)) {
    if (/^[{[]/u.test(found)) depth += 1;
    else if (/^[}\]]/u.test(found)) depth -= 1;
    if (depth === 0) return index + 1;
  }
  return undefined;
}
