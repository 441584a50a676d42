import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withValues } from '../../../src/cli/setup/env-text.ts';
import { envFileFrom } from '../../../src/settings/env-file.ts';

const read = (text: string) => envFileFrom('.env', Buffer.from(text));
const changed = (text: string, changes: Record<string, string>): string =>
  withValues(text, new Map(Object.entries(changes)));

/** Any text that a file can contain. */
const value = fc.oneof(
  fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
  fc.string({ unit: fc.constantFrom(...'ab #\'"`\\$\n\r\t=: é', '\u2028', '\ufeff') }),
);
const name = fc.constantFrom('ADMIN_PASSWORD', 'API_TOKEN', 'PUBLIC_URL', 'CHAT_MODEL', 'GREETING', 'OTHER');
const line = fc.oneof(
  fc.constantFrom(
    '',
    '# a comment',
    '  # PORT=1',
    '#PUBLIC_URL=https://example.com',
    'not a definition',
    '# "',
  ),
  fc
    .tuple(fc.constantFrom('A', 'B', 'C_D'), fc.constantFrom('1', "'two words'", '"a\nb"', '', 'x # note'))
    .map(([own, text]) => `${own}=${text}`),
);

describe('a settings file with new values', () => {
  test('is read back exactly, whatever the values', () => {
    fc.assert(
      fc.property(fc.dictionary(name, value), (changes) => {
        const { values, errors, warnings } = read(changed('', changes));
        expect({ values, errors, warnings }).toEqual({ values: { ...changes }, errors: [], warnings: [] });
      }),
      { numRuns: 1_000 },
    );
  });

  test('keeps every line that it does not change, in its order', () => {
    fc.assert(
      fc.property(
        fc.array(line),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.dictionary(name, value),
        (lines, eol, ends, changes) => {
          const before = lines.join('\n').replaceAll('\n', eol) + (ends ? eol : '');
          const after = changed(before, changes);
          const rest = after.split(/\r?\n/);
          for (const each of before.split(/\r?\n/).filter((text) => text !== '')) {
            const at = rest.indexOf(each);
            expect(at, JSON.stringify([each, after])).toBeGreaterThanOrEqual(0);
            rest.splice(0, at + 1);
          }
          expect(read(after).values).toMatchObject(changes);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('replaces a value in its place and keeps its comment', () => {
    const before = '# first\nexport ADMIN_PASSWORD=old # ours\r\nPORT: 1\nOTHER="a\nb" #c\nLAST=1';
    const after = changed(before, { ADMIN_PASSWORD: 'new', OTHER: 'it\'s "$5"', PORT: '2' });
    expect(after).toBe(
      `# first\nexport ADMIN_PASSWORD='new' # ours\r\nPORT=2\nOTHER="it's \\"\\$5\\"" #c\nLAST=1`,
    );
    expect(read(after).errors).toEqual([]);
  });

  test('puts a new value below its commented example, otherwise at the end below one heading', () => {
    const before = '# The port.\n#PORT=8000\n\nA=1';
    const once = changed(before, { PORT: '9000', API_TOKEN: 't' });
    expect(once).toBe(
      '# The port.\n#PORT=8000\nPORT=9000\n\nA=1\n\n# Set by `offhook setup`.\nAPI_TOKEN=t\n',
    );
    expect(changed(once, { PUBLIC_URL: 'https://example.com/' })).toBe(
      `${once}PUBLIC_URL=https://example.com/\n`,
    );
  });

  test('takes a comment inside of a value for a part of the value', () => {
    const before = "NOTE='\n#PORT=1\n'\n";
    expect(read(changed(before, { PORT: '2' })).values).toEqual({ NOTE: '\n#PORT=1\n', PORT: '2' });
  });

  test('is the same file if no value differs', () => {
    const before = '\nA="1"\n#\n';
    expect(changed(before, { A: '1' })).toBe(before);
  });

  test('changes each of several equal definitions of a name', () => {
    expect(changed('A=1\nB=2\nA=1\n', { A: '3' })).toBe('A=3\nB=2\nA=3\n');
  });
});
