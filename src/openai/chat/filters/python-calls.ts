/** The name of a function, possibly of a module: `get_weather`, `tools.search`. */
const NAME = String.raw`[A-Za-z_]\w{0,63}(?:\.[A-Za-z_]\w{0,63}){0,3}`;
const CALL_BEGIN = new RegExp(String.raw`^\[\s*${NAME}\(`, 'u');
const PART_OF_CALL_BEGIN = /^\[\s*(?:[A-Za-z_][\w.]{0,255})?$/u;
/** The first argument has a name, or there is none. */
const ARGUMENTS_BEGIN = /^\s*(?:[A-Za-z_]\w{0,63}\s*=(?!=)|\)\s*[,\]])/u;
const PART_OF_ARGUMENTS_BEGIN = /^\s*(?:[A-Za-z_]\w{0,63}\s*=?|\)\s*)?$/u;

/**
 * The length of a list of calls in Python's notation, `[get_weather(city="Rome"), now()]`, with which Llama 3.2 and 4 call tools
 * (https://www.llama.com/docs/model-cards-and-prompt-formats/llama4/). `more`: not decided yet; `none`: the text begins with no such
 * list. The list may be incomplete if the text is `complete`.
 */
export function pythonCallsLength(text: string, complete: boolean): number | 'more' | 'none' {
  const begin = CALL_BEGIN.exec(text)?.[0];
  if (begin === undefined) return !complete && PART_OF_CALL_BEGIN.test(text) ? 'more' : 'none';
  const rest = text.slice(begin.length);
  if (!ARGUMENTS_BEGIN.test(rest)) return !complete && PART_OF_ARGUMENTS_BEGIN.test(rest) ? 'more' : 'none';
  return listEnd(text) ?? (complete ? text.length : 'more');
}

/** The position after the closing bracket of the list that the text begins with; undefined if it is missing. */
function listEnd(text: string): number | undefined {
  let depth = 0;
  let quote: string | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    if (quote !== undefined) {
      if (character === '\\') at += 1;
      else if (character === quote) quote = undefined;
    } else if (character === '"' || character === "'") quote = character;
    else if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character)) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return undefined;
}
