import { reread, drop, gap, isWord, type Rule, say } from './reading.ts';

/** What a tag of a block means in Markdown. */
const BLOCKS: Readonly<Record<string, string>> = {
  li: '\n- ',
  tr: '\n| ',
  '/td': ' | ',
  '/th': ' | ',
  h1: '\n# ',
  h2: '\n# ',
  h3: '\n# ',
  h4: '\n# ',
  h5: '\n# ',
  h6: '\n# ',
};
const LINES = new Set(
  'br p div hr ul ol table tr li h1 h2 h3 h4 h5 h6 section article blockquote pre'.split(' '),
);
/** Tags of HTML and SSML, and those in which models wrap their answers. */
const TAGS = new Set(
  (
    'a abbr audio b big body button center cite code dd del details dl dt em font footer form head header html i img input ins kbd ' +
    'label main mark nav q s samp small span strike strong style sub summary sup svg tbody td tfoot th thead time title tt u var ' +
    'video wbr speak voice prosody emphasis say-as phoneme lang mstts:express-as amazon:effect ' +
    'answer response reply output message text final result assistant speech'
  ).split(' '),
);
const TAG =
  /^<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+(?:\s*=\s*(?:"[^"\n]*"|'[^'\n]*'|[^\s"'<>]+))?)*)\s*(\/?)>/u;
const OPEN_TAG =
  /^<\/?[A-Za-z][\w:-]*(?:[ \t]+[\w:-]+(?:[ \t]*=[ \t]*(?:"[^"\n]*"|'[^'\n]*'|[^\s"'<>]+))?)*[ \t]*(?:=[ \t]*(?:"[^"\n]*|'[^'\n]*)?)?\/?$/u;
const MAX_TAG = 300;
/** Comments, control tokens, and the citations of Command R: `<co: 0,2>hours</co: 0,2>`. */
const HIDDEN = /^<!--[\s\S]*?-->|^<\|[^|<>\n]{1,40}\|>|^<\/?co: ?[\d, ]{1,20}>/u;
const HIDDEN_BEGUN = /^<(?:!-?|!--[\s\S]*|\|[^|<>\n]{0,40}\|?|\/?co: ?[\d, ]{0,20})$/u;
/** Bytes that a tokeniser did not join to characters: `<0x0A>`, `<0xE2><0x82><0xAC>`. */
const BYTES = /^(?:<0x[\dA-F]{2}>)+/iu;
const BYTES_BEGUN = /^(?:<0x[\dA-F]{2}>)*(?:<(?:0(?:x[\dA-F]{0,2})?)?)?$/iu;
const ADDRESS = /^<((?:https?:\/\/|mailto:|tel:)[^\s<>]+|[^\s<>@]+@[^\s<>@]+)>/iu;

/** Tags, comments, addresses in angle brackets, and the control tokens of models: `<|im_end|>`. */
export const readTag: Rule = (text, { before, spoken }) => {
  if (text === '<') return 'more';
  const hidden = HIDDEN.exec(text);
  if (hidden) return drop(hidden[0].length);
  if (HIDDEN_BEGUN.test(text)) return 'more';
  if (BYTES_BEGUN.test(text)) return 'more';
  const bytes = BYTES.exec(text);
  if (bytes) return reread(bytes[0].length, charactersOf(bytes[0]));
  const address = ADDRESS.exec(text);
  if (address) return reread(address[0].length, address[1]!);
  const tag = TAG.exec(text);
  if (!tag && text.length > MAX_TAG) return undefined;
  if (!tag)
    return OPEN_TAG.test(text) || /^<(?:[^\s<>\d=]*|[A-Za-z][^\s<>]*)$/u.test(text) ? 'more' : undefined;
  const [whole, slash = '', name = '', attributes = '', closed = ''] = tag;
  const lower = name.toLowerCase();
  const block = BLOCKS[`${slash}${lower}`];
  if (block !== undefined) return reread(whole.length, block);
  if (lower === 'break') return gap(whole.length);
  if (LINES.has(lower)) return reread(whole.length, '\n');
  if (TAGS.has(lower) || slash || closed || attributes.includes('=')) return drop(whole.length);
  // A place holder such as <name>, or a type such as List<String>.
  if (attributes || isWord(before)) return undefined;
  // Models invent names of tags around an answer: "<final_answer>We are open". A place holder is followed by a blank.
  const next = text.slice(whole.length, whole.length + 2);
  if (next === '') return 'more';
  if (isWord(String.fromCodePoint(next.codePointAt(0)!)) || (spoken === '' && next.startsWith('\n')))
    return drop(whole.length);
  return say(whole.length, name);
};

function charactersOf(tokens: string): string {
  const bytes = tokens.match(/[\dA-F]{2}(?=>)/giu)!.map((byte) => Number.parseInt(byte, 16));
  // Bytes of no character are not spoken.
  return new TextDecoder().decode(Uint8Array.from(bytes)).replaceAll('\ufffd', '');
}
