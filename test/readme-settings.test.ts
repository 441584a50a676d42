import { parse } from 'dotenv';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { audioConfig, envExample, readmeWithTable } from '../scripts/settings-documents.ts';
import { readSettings } from '../src/settings/settings.ts';
import { SETTING_TABLE } from '../src/settings/table.ts';

const file = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const inFile = (name: string) => SETTING_TABLE.filter((row) => row.file === name).map((row) => row.name);

test('the README names every setting with its default and its reason', () => {
  const readme = file('README.md');
  expect(readmeWithTable(readme)).toBe(readme);
  const named = [...readme.matchAll(/^\| `([A-Z0-9_]+)`/gm)].map((match) => match[1]);
  expect(named.sort()).toEqual(SETTING_TABLE.map((row) => row.name).sort());
});

test('.env.example is what the table says, and switches nothing on by being copied', () => {
  expect(file('.env.example')).toBe(envExample());
  const names = [...file('.env.example').matchAll(/^#?([A-Z0-9_]+)=/gm)].map((match) => match[1]);
  expect(names).toEqual(inFile('.env'));
  const copied = readSettings({}, { dotEnv: parse(file('.env.example')), audioConfig: {} }, '/srv');
  expect(copied).toEqual(readSettings({}, { dotEnv: {}, audioConfig: {} }, '/srv'));
});

test('.env.example with every comment sign taken away still holds the defaults', () => {
  const opened = parse(file('.env.example').replace(/^#(?=[A-Z0-9_]+=)/gm, ''));
  expect(Object.keys(opened)).toEqual(inFile('.env'));
  expect(readSettings({}, { dotEnv: opened, audioConfig: {} }, '/srv')).toEqual(
    readSettings({}, { dotEnv: {}, audioConfig: {} }, '/srv'),
  );
});

test('audio_config.env is what the table says, and holds the defaults', () => {
  expect(file('audio_config.env')).toBe(audioConfig());
  const audio = parse(file('audio_config.env'));
  expect(Object.keys(audio)).toEqual(inFile('audio_config.env'));
  expect(readSettings({}, { dotEnv: {}, audioConfig: audio }, '/srv')).toEqual(
    readSettings({}, { dotEnv: {}, audioConfig: {} }, '/srv'),
  );
});
