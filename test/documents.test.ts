import { parse } from 'dotenv';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { audioConfig, envExample, routesDocument, settingsDocument } from '../scripts/documents.ts';
import { readSettings } from '../src/settings/settings.ts';
import { SETTING_TABLE } from '../src/settings/table.ts';

const file = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const markdownIn = (folder: string) =>
  readdirSync(new URL(`../${folder}`, import.meta.url))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
const inFile = (name: string) => SETTING_TABLE.filter((row) => row.file === name).map((row) => row.name);

test('docs/settings.md names every setting with its default and its meaning', () => {
  const document = file('docs/settings.md');
  expect(document).toBe(settingsDocument());
  const named = [...document.matchAll(/^- `([A-Z0-9_]+)`/gm)].map((match) => match[1]);
  expect(named.sort()).toEqual(SETTING_TABLE.map((row) => row.name).sort());
});

test('docs/routes.md equals the document generated from the routes', () => {
  const document = file('docs/routes.md');
  expect(document).toBe(routesDocument());
  expect(document).toContain('`POST /incoming-call`');
});

test('each source file that a document names exists', () => {
  const filesIn = (folder: string, recursive = true) =>
    readdirSync(new URL(`../${folder}`, import.meta.url), { recursive }).map(
      (name) => `/${folder}${String(name)}`,
    );
  const folders = ['src/', 'test/', 'scripts/', 'bench/', 'pages/', 'examples/'];
  const sources = [...filesIn('', false), ...folders.flatMap((folder) => filesIn(folder))];
  const missing = ['ARCHITECTURE.md', 'CONTRIBUTING.md', ...markdownIn('docs')].flatMap((document) =>
    [...file(document).matchAll(/`([a-z0-9/-]+(?:\.[a-z]+)*\.ts)`/g)]
      .map((match) => match[1]!)
      .filter((name) => !sources.some((source) => source.endsWith(`/${name}`)))
      .map((name) => `${document}: ${name}`),
  );
  expect(missing).toEqual([]);
});

test('docs/commands.md names every command', () => {
  const document = file('docs/commands.md');
  const commands = readdirSync(new URL('../src/cli', import.meta.url)).map((name) => name.replace('.ts', ''));
  const known = ['serve', 'demo', 'replay', 'fixture', 'export', 'finish', 'reindex', 'erase', 'doctor'];
  expect(known.filter((name) => !commands.includes(name))).toEqual([]);
  expect(known.filter((name) => !document.includes(`- \`${name}`))).toEqual([]);
});

test('links between documents lead to files', () => {
  const documents = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'ARCHITECTURE.md'].concat(
    readdirSync(new URL('../docs', import.meta.url))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  );
  const broken = documents.flatMap((name) =>
    [...file(name).matchAll(/\]\((?!https?:)([^)#]+)/g)]
      .map(([, link]) => new URL(link!, new URL(`../${name}`, import.meta.url)))
      .filter((target) => !existsSync(target))
      .map((target) => `${name}: ${target.pathname}`),
  );
  expect(broken).toEqual([]);
});

/** A test file of `docs/features.md`, with the quoted beginnings of titles that follow it. */
const NAMED_TESTS = /`(test\/[^`]+)`((?:[,;] “[^”]+”(?: \([^)]+\))?)*)/g;

test('docs/features.md names tests that exist, by file and title, for every statement', () => {
  const document = file('docs/features.md');
  const entries = document.split('\n\n').filter((part) => part.startsWith('- '));
  expect(entries.length).toBeGreaterThan(110);
  const faults = entries.flatMap((entry) => {
    const [statement, here, shown = '', ...more] = entry.trimEnd().split('\n');
    const wrong = (what: string): string => `${statement}: ${what}`;
    if (!here?.startsWith('  Here: ') || more.length > 0) return [wrong('lines')];
    if (shown.startsWith('  Checked: ')) return [];
    const named = [...shown.matchAll(NAMED_TESTS)];
    if (!shown.startsWith('  Test: ') || named.length === 0) return [wrong('no test')];
    return named.flatMap(([, name = '', titles = '']) => {
      if (!existsSync(new URL(`../${name}`, import.meta.url))) return [wrong(`no file ${name}`)];
      const quoted = [...titles.matchAll(/“([^”]+)”/g)].map(([, title]) => title!);
      if (quoted.length === 0) return [wrong(`no title in ${name}`)];
      const text = file(name);
      return quoted.filter((title) => !text.includes(title)).map((title) => wrong(`${name}: ${title}`));
    });
  });
  expect(faults).toEqual([]);
});

test('.env.example equals the settings table, and a copy of it enables nothing', () => {
  expect(file('.env.example')).toBe(envExample());
  const names = [...file('.env.example').matchAll(/^#?([A-Z0-9_]+)=/gm)].map((match) => match[1]);
  expect(names).toEqual(inFile('.env'));
  const copied = readSettings({}, { dotEnv: parse(file('.env.example')), audioConfig: {} }, '/srv');
  expect(copied).toEqual(readSettings({}, { dotEnv: {}, audioConfig: {} }, '/srv'));
});

test('.env.example with all comment signs removed has the default values, but no password', () => {
  const opened = parse(file('.env.example').replace(/^#(?=[A-Z0-9_]+=)/gm, ''));
  expect(Object.keys(opened)).toEqual(inFile('.env'));
  const { ADMIN_PASSWORD: password, API_TOKEN: token, ...others } = opened;
  expect([password, token]).toEqual(['', '']);
  expect(readSettings({}, { dotEnv: others, audioConfig: {} }, '/srv')).toEqual(
    readSettings({}, { dotEnv: {}, audioConfig: {} }, '/srv'),
  );
});

test('audio_config.env equals the settings table and has the default values', () => {
  expect(file('audio_config.env')).toBe(audioConfig());
  const audio = parse(file('audio_config.env'));
  expect(Object.keys(audio)).toEqual(inFile('audio_config.env'));
  expect(readSettings({}, { dotEnv: {}, audioConfig: audio }, '/srv')).toEqual(
    readSettings({}, { dotEnv: {}, audioConfig: {} }, '/srv'),
  );
});
