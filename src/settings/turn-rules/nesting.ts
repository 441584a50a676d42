import type { CST } from 'yaml';

/** Deeper than any file of rules. A YAML reader calls itself for each level, and ends the process where its stack ends. */
const MAX_DEPTH = 16;

/** The offset of the first value that is nested too deeply, found without recursion; undefined if there is none. */
export function tooDeepAt(tokens: Iterable<CST.Token>): number | undefined {
  for (const token of tokens) {
    const open: { readonly token: CST.Token; readonly depth: number }[] = [{ token, depth: 0 }];
    for (let next = open.pop(); next; next = open.pop()) {
      if (next.depth > MAX_DEPTH) return next.token.offset;
      for (const child of childrenOf(next.token)) open.push({ token: child, depth: next.depth + 1 });
    }
  }
  return undefined;
}

function childrenOf(token: CST.Token): CST.Token[] {
  const within =
    'items' in token
      ? token.items.flatMap(({ key, value }) => [key, value])
      : 'value' in token
        ? [token.value]
        : [];
  return within.filter((child) => typeof child === 'object' && child !== null);
}
