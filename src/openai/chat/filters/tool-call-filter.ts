import { isObject, parseJson } from '../../../http/parse-json.ts';
import { TextFilter } from './text-filter.ts';
import { pythonCallsLength } from './python-calls.ts';

/** Names with which a call begins: Hermes, Llama 3, Mistral and Qwen; OpenAI's own shape. */
const FIRST_NAMES = ['name', 'type', 'function', 'tool_calls', 'function_call', 'tool', 'tool_name', 'id'];
/** Whatever stands around the calls: a list, a code block. */
const OPENINGS = ['', '[', '```', '```[', '```json', '```json['].flatMap((before) =>
  FIRST_NAMES.map((name) => `${before}{"${name}":`),
);
const FENCE = '```';
const OPENING_CHARACTER = /[{[`]/u;
/** A longer text in braces is passed on. */
const MAX_HELD = 8_000;

/**
 * Removes calls of tools that a model writes into its reply, because its server has no parser for them: bare JSON,
 * `{"name": "…", "arguments": {…}}`, and Python's notation, `[get_weather(city="Rome")]`. offhook offers no tools. The text may be
 * split anywhere. A call that is not complete at its end is removed, too.
 */
export class ToolCallFilter extends TextFilter {
  protected override passed(complete: boolean): string {
    let passed = '';
    while (this.held.text !== '') {
      const start = this.held.text.search(OPENING_CHARACTER);
      const before = start < 0 ? this.held.text.length : start;
      passed += this.held.take(before);
      if (this.held.text === '') break;
      const found = callsLength(this.held.text, complete);
      if (found === 'more' && this.held.text.length <= MAX_HELD) break;
      if (typeof found === 'number') this.remove(found);
      else passed += this.held.take(1);
    }
    return passed;
  }
}

function callsLength(text: string, complete: boolean): number | 'more' | 'none' {
  const inPython = pythonCallsLength(text, complete);
  return inPython === 'none' ? jsonCallLength(text, complete) : inPython;
}

/** The length of the call in JSON that the text begins with; `more`: not decided yet; `none`: it begins with no call. */
function jsonCallLength(text: string, complete: boolean): number | 'more' | 'none' {
  const begun = text.slice(0, MAX_OPENING).replace(/\s+/gu, '');
  const isOpen = OPENINGS.some((opening) => begun.startsWith(opening));
  if (!isOpen) return !complete && OPENINGS.some((opening) => opening.startsWith(begun)) ? 'more' : 'none';
  const start = text.search(/[[{]/u);
  const end = valueEnd(text, start);
  if (end === undefined) {
    if (!complete) return 'more';
    return /"(?:arguments|parameters|function|tool_calls)"\s*:/u.test(text) ? text.length : 'none';
  }
  if (!isCall(parseJson(text.slice(start, end)))) return 'none';
  if (!text.startsWith(FENCE)) return end;
  const fence = text.indexOf(FENCE, end);
  if (fence >= 0) return fence + FENCE.length;
  return complete ? text.length : 'more';
}

/** Room for blanks between the signs. */
const MAX_OPENING = 60;

/** The position after the JSON value that starts there; undefined if it is not complete. */
function valueEnd(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (inString && character === '\\') at += 1;
    else if (character === '"') inString = !inString;
    else if (!inString && (character === '{' || character === '[')) depth += 1;
    else if (!inString && (character === '}' || character === ']')) depth -= 1;
    if (depth === 0 && !inString) return at + 1;
  }
  return undefined;
}

function isCall(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every(isCall);
  if (!isObject(value)) return false;
  if (Array.isArray(value['tool_calls'])) return isCall(value['tool_calls']);
  const called = value['function'] ?? value['function_call'];
  if (isObject(called)) return typeof called['name'] === 'string';
  const name = value['name'] ?? value['tool'] ?? value['tool_name'] ?? called;
  return (
    typeof name === 'string' && ['arguments', 'parameters', 'args', 'input'].some((field) => field in value)
  );
}
