/** An element of a TwiML document. */
export interface TwimlVerb {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly TwimlVerb[];
  readonly text: string;
}

interface OpenVerb {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: TwimlVerb[];
  text: string;
}

const PIECE =
  /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z][\w.-]*)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/gy;
const ATTRIBUTE = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** The verbs in a `<Response>`; throws if the document is malformed or has another root. */
export function readTwiml(document: string): readonly TwimlVerb[] {
  const root = verb('', '');
  const open: OpenVerb[] = [root];
  let at = 0;
  for (const match of document.matchAll(PIECE)) {
    at = match.index + match[0].length;
    const [, closing, name, attributes = '', selfClosing, text] = match;
    const current = open.at(-1) ?? root;
    if (text !== undefined) current.text += unescaped(text);
    if (name === undefined) continue;
    if (closing === '/') {
      if (open.length < 2 || current.name !== name) throw new Error(`TwiML: </${name}> has no opening tag`);
      open.pop();
      continue;
    }
    const child = verb(name, attributes);
    current.children.push(child);
    if (selfClosing !== '/') open.push(child);
  }
  const [response, ...more] = root.children;
  if (at !== document.length || open.length > 1) throw new Error('TwiML: the document is not well formed');
  if (response?.name !== 'Response' || more.length > 0) throw new Error('TwiML: expected one <Response>');
  return response.children;
}

function verb(name: string, attributes: string): OpenVerb {
  const found = [...attributes.matchAll(ATTRIBUTE)];
  const entries = found.map(
    ([, key = '', double, single]) => [key, unescaped(double ?? single ?? '')] as const,
  );
  return { name, attributes: Object.fromEntries(entries), children: [], text: '' };
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(
    /&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return NAMED[name] ?? whole;
      return String.fromCodePoint(decimal === undefined ? parseInt(hex ?? '', 16) : parseInt(decimal, 10));
    },
  );
}
