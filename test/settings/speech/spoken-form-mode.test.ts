import { describe, expect, test } from 'vitest';
import { checkEach } from '../../../src/settings/check.ts';
import { groupValues } from '../../../src/settings/group-values.ts';
import { readSettings } from '../../../src/settings/settings.ts';
import type { SettingValues } from '../../../src/settings/table.ts';

const KEY = { OPENAI_API_KEY: 'sk-1' };
const [BEFORE, AFTER] = ['2027-01-05', '2027-01-06'];

function modeOf(env: Record<string, string>, today = BEFORE) {
  const values = checkEach([env]).values as SettingValues;
  return groupValues(values, '/srv', '', today).call.talk.spokenForm;
}

describe('SPOKEN_FORM', () => {
  test.each<[string, Record<string, string>, 'off' | 'codes' | 'all']>([
    ['OpenAI', KEY, 'codes'],
    ['a Realtime model of OpenAI', { ...KEY, SPEECH_ENGINE: 'realtime' }, 'codes'],
    ['Azure', { ...KEY, SPEECH_BASE_URL: 'https://mine.openai.azure.com/openai/v1' }, 'codes'],
    ['a local speech server', { ...KEY, SPEECH_BASE_URL: 'http://localhost:8880/v1' }, 'all'],
    ['a compatible server for everything', { ...KEY, OPENAI_BASE_URL: 'http://localhost:1/v1' }, 'all'],
    ['a local Realtime server', { ...KEY, REALTIME_BASE_URL: 'ws://localhost:8000/v1' }, 'all'],
    ['a host that only looks like it', { SPEECH_BASE_URL: 'https://api.openai.com.example/v1' }, 'all'],
    ['all, at OpenAI', { ...KEY, SPOKEN_FORM: 'all' }, 'all'],
    ['off, at a local server', { SPEECH_BASE_URL: 'http://localhost:1/v1', SPOKEN_FORM: 'off' }, 'off'],
    ['codes, at a local server', { SPEECH_BASE_URL: 'http://localhost:1/v1', SPOKEN_FORM: 'codes' }, 'codes'],
  ])('with %s', (_, env, mode) => {
    expect(modeOf(env)).toBe(mode);
  });

  test('is that of the Realtime model after the end of the speech endpoint', () => {
    expect(modeOf(KEY, AFTER)).toBe('codes');
  });

  test('refuses other values', () => {
    const result = readSettings({ SPOKEN_FORM: 'on' }, { dotEnv: {}, audioConfig: {} }, '/srv');
    expect(JSON.stringify(result)).toMatch(/SPOKEN_FORM.*auto, off, codes/s);
  });
});
