import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { openConfiguredCatalogue } from '../../src/app/open-configured-catalogue.ts';
import { createLog } from '../../src/log.ts';
import { readSettings } from '../../src/settings/settings.ts';

/** Nobody listens on this port. */
const SERVER = '127.0.0.1:1/calls';

async function logOf(url: string): Promise<Record<string, unknown>[]> {
  const read = readSettings({ DATABASE_URL: url }, { dotEnv: {}, audioConfig: {} }, tmpdir());
  if (!read.ok) throw new Error(read.errors.join('\n'));
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const catalogue = await openConfiguredCatalogue(read.settings, createLog({ level: 'info', destination }));
  await catalogue.close();
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test.each([
  [`postgresql://u:secret@${SERVER}?pgbouncer=true&connection_limit=1`, ['connection_limit', 'pgbouncer']],
  [`jdbc:mysql://${SERVER}?useSSL=false&serverTimezone=UTC`, ['serverTimezone']],
])('options of an address without an effect are in one line of the log: %s', async (url, options) => {
  const lines = (await logOf(url)).filter(({ msg }) => String(msg).startsWith('options of DATABASE_URL'));
  expect(lines).toMatchObject([{ level: 30, component: 'catalogue', options }]);
});

test('options that all have an effect are not logged', async () => {
  const messages = (await logOf(`postgresql://u@${SERVER}?sslmode=disable`)).map(({ msg }) => msg);
  expect(messages).toEqual(['the catalogue is down; calls are still answered and recorded']);
});
