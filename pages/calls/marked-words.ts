import { html, type TemplateResult } from 'lit';

const LETTERS = /[\p{L}\p{N}]+/gu;

/** Highlights the words of the query in a text. */
export function marked(text: string, words: string): (string | TemplateResult)[] {
  const terms = new Set(words.toLowerCase().match(LETTERS) ?? []);
  const parts: (string | TemplateResult)[] = [];
  let at = 0;
  for (const found of text.matchAll(LETTERS)) {
    if (!terms.has(found[0].toLowerCase())) continue;
    parts.push(text.slice(at, found.index), html`<mark>${found[0]}</mark>`);
    at = found.index + found[0].length;
  }
  parts.push(text.slice(at));
  return parts;
}
