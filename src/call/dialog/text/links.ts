import { reread, drop, gap, isBlank, isWord, type Rule, say } from './reading.ts';

const SCHEMES = ['https://', 'http://', 'ftp://', 'www.', 'mailto:', 'tel:'];
/** Scripts without blanks and their punctuation end an address. */
const ADDRESS =
  /^[^\s<>"`{}|\\^“”„«»‘’\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\u3000-\u303f\uff00-\uffef]*/u;

/** A bare address is spoken as its host; mail addresses and numbers as they are. */
export const readAddress: Rule = (text, { before }) => {
  if (isWord(before)) return undefined;
  const lower = text.slice(0, 8).toLowerCase();
  if (SCHEMES.some((one) => one.length > lower.length && one.startsWith(lower))) return 'more';
  const scheme = SCHEMES.find((one) => lower.startsWith(one));
  if (!scheme) return undefined;
  const address = ADDRESS.exec(text)![0];
  if (address.length === text.length) return 'more';
  let end = address.replace(/[.,;:!?*_~'=\]]+$/u, '');
  if (end.endsWith(')') && !end.includes('(')) end = end.replace(/[).,;:!?*_~'\]]+$/u, '');
  const spoken = hostOf(end, scheme);
  return spoken === '' ? undefined : say(end.length, spoken);
};

function hostOf(address: string, scheme: string): string {
  const rest = address.slice(scheme.length);
  if (scheme === 'mailto:' || scheme === 'tel:') return rest.replace(/\?.*$/su, '');
  const authority = /^[^/?#]*/u.exec(rest)![0].replace(/^.*@/su, '');
  const host = authority.replace(/:\d*$/u, '').replace(/^www\./iu, '');
  return isWord(host) ? host : '';
}

const MAX_LABEL = 500;
const MAX_BRACKETS = 4;

/** The position after the bracket that closes the first one; 0 if there is none, `more` if it may follow. */
function closingEnd(text: string, open: string, close: string): number | 'more' {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index]!;
    if (character === '\n' || depth > MAX_BRACKETS || index > MAX_LABEL) return 0;
    if (character === '\\') index += 1;
    else if (character === open) depth += 1;
    else if (character === close && (depth -= 1) === 0) return index + 1;
  }
  return 'more';
}

const TARGET =
  /^\([ \t]*(<[^<>\n]*>|(?:[^\s()\\]|\\.|\([^\s()]*\))*)(?:[ \t]+(?:"[^"\n]*"|'[^'\n]*'|\([^()\n]*\)))?[ \t]*\)/u;
/** A target that may still be closed; it has no blank before its title. */
const OPEN_TARGET =
  /^\([ \t]*(?:<[^<>\n]*|[^\s()]*(?:\([^\s()]*\)?[^\s()]*)?)(?:>?[ \t]+(?:["'(][^\n]*)?)?$/u;

/** Contents of brackets that are not spoken: marks of footnotes, keys, tokens, citations of retrieval services. */
const MARK =
  /^(?:\^\S{1,40}|pressed [\d*#A-Da-d, ]{1,20}|\/?INST|doc\d{1,3}|citation: ?\d{1,3}|\d{1,3}(?::\d{1,3})?†[^\]\n]{0,60})$/iu;
/** `[source: hours.pdf]`, `[Source 3]`: citations of documents, also as links. */
const SOURCE = /^(?:sources?|quellen?|fuentes?)(?::[^\]\n]{1,100}| ?\d{1,3}(?:, ?\d{1,3})*)$/iu;

/** Links are spoken as their labels, images as their texts; footnote marks and citations are not spoken. */
export const readBracket: Rule = (text, { before }) => {
  if (text === '!') return 'more';
  if (text.startsWith('!') && (text[1] !== '[' || isWord(before))) return undefined;
  const image = text.startsWith('!') ? 1 : 0;
  const end = closingEnd(text.slice(image), '[', ']');
  if (end === 'more') return 'more';
  if (end === 0) return undefined;
  const whole = text.slice(0, image + end);
  const inner = whole.slice(image + 1, -1);
  if (MARK.test(inner)) return gap(whole.length);
  const after = text.slice(whole.length);
  if (after === '') return 'more';
  if (SOURCE.test(inner)) {
    if (after.startsWith('(') && OPEN_TARGET.test(after)) return 'more';
    return gap(whole.length + (TARGET.exec(after)?.[0].length ?? 0));
  }
  if (after.startsWith('(')) {
    const target = TARGET.exec(after);
    if (target) {
      const address = target[1]!.replace(/^<|>$/gu, '');
      return reread(whole.length + target[0].length, inner.trim() === '' ? `${address} ` : inner);
    }
    if (OPEN_TARGET.test(after)) return 'more';
  }
  if (after.startsWith('[')) {
    const reference = /^\[[^[\]\n]{0,100}\]/u.exec(after);
    if (reference && isWord(inner)) {
      const isNumber = /^\d+$/u.test(inner);
      // `[1][2]` are citations.
      if (isNumber && /^\[\d+\]$/u.test(reference[0])) return drop(whole.length);
      return isNumber
        ? citation(whole.length, inner, before)
        : reread(whole.length + reference[0].length, inner);
    }
    if (/^\[[^[\]\n]{0,100}$/u.test(after)) return 'more';
  }
  if (image) return undefined;
  return /^\d{1,3}(?:[,–-] ?\d{1,3})*$/u.test(inner) ? citation(whole.length, inner, before) : undefined;
};

/** A number in brackets at the end of a word is a citation; as a word of its own it is a number. */
function citation(length: number, number: string, before: string) {
  return isBlank(before) ? say(length, number) : drop(length);
}

/** The citation marks of retrieval services: 【4†source】. */
export const readLenticular: Rule = (text) => {
  const mark = /^【[^【】\n]{0,60}】/u.exec(text);
  if (!mark) return /^【[^【】\n]{0,60}$/u.test(text) ? 'more' : undefined;
  return /†|^【\d+(?::\d+)?】$/u.test(mark[0]) ? drop(mark[0].length) : undefined;
};

/** Citations between characters of the private use area. */
export const readPrivateCitation: Rule = (text) => {
  const mark = /^\ue200[^\ue201\n]{0,200}\ue201/u.exec(text);
  if (mark) return drop(mark[0].length);
  return /^\ue200[^\ue201\n]{0,200}$/u.test(text) ? 'more' : undefined;
};
