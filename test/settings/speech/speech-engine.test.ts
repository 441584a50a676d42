import { describe, expect, test } from 'vitest';
import { groupValues } from '../../../src/settings/group-values.ts';
import { checkEach } from '../../../src/settings/check.ts';
import { readSettings } from '../../../src/settings/settings.ts';
import type { SettingValues } from '../../../src/settings/table.ts';

const KEY = { OPENAI_API_KEY: 'sk-1' };
const [BEFORE, AFTER] = ['2027-01-05', '2027-01-06'];
const LOCAL = { REALTIME_BASE_URL: 'ws://localhost:8000/v1' };

function speechOf(env: Record<string, string>, today = BEFORE) {
  const values = checkEach([env]).values as SettingValues;
  return groupValues(values, '/srv', '', today).speech;
}

const result = (env: Record<string, string>) => readSettings(env, { dotEnv: {}, audioConfig: {} }, '/srv');

describe('SPEECH_ENGINE', () => {
  test.each<[string, Record<string, string>, string, 'http' | 'realtime' | undefined]>([
    ['a key of OpenAI, while its speech endpoint exists', KEY, BEFORE, 'http'],
    ['a key of OpenAI, from the day on which it ends', KEY, AFTER, 'realtime'],
    [
      'a compatible server for everything',
      { ...KEY, OPENAI_BASE_URL: 'http://localhost:1234/v1' },
      AFTER,
      'http',
    ],
    ['a speech server', { ...KEY, SPEECH_BASE_URL: 'http://localhost:8880/v1' }, AFTER, 'http'],
    [
      'a speech server and a Realtime server',
      { SPEECH_BASE_URL: 'http://localhost:8880/v1', ...LOCAL },
      AFTER,
      'http',
    ],
    ['a Realtime server', { ...KEY, ...LOCAL }, BEFORE, 'realtime'],
    ['nothing', {}, AFTER, undefined],
    ['http', { ...KEY, SPEECH_ENGINE: 'http' }, AFTER, 'http'],
    [
      'realtime',
      { ...KEY, SPEECH_ENGINE: 'realtime', SPEECH_BASE_URL: 'http://localhost:1/v1' },
      BEFORE,
      'realtime',
    ],
    ['realtime without a key', { SPEECH_ENGINE: 'realtime' }, BEFORE, undefined],
  ])('with %s', (_, env, today, engine) => {
    expect(speechOf(env, today)?.engine).toBe(engine);
  });

  test('realtime at OpenAI uses its address and key, and a model that is not about to end', () => {
    expect(speechOf({ ...KEY, SPEECH_ENGINE: 'realtime' })).toMatchObject({
      baseUrl: 'https://api.openai.com/v1',
      model: 'gpt-realtime-2.1-mini',
      voice: 'marin',
      apiKey: 'sk-1',
      engineReason: 'SPEECH_ENGINE=realtime',
    });
  });

  test('the key of OpenAI is not sent to another server', () => {
    expect(speechOf({ ...KEY, ...LOCAL })?.apiKey).toBeUndefined();
    expect(speechOf({ ...KEY, ...LOCAL, REALTIME_API_KEY: 'k' })?.apiKey).toBe('k');
    expect(speechOf({ ...KEY, REALTIME_BASE_URL: 'wss://api.openai.com/v1' })?.apiKey).toBe('sk-1');
  });

  test.each([
    ['ws://localhost:8000/v1', 'http://localhost:8000/v1'],
    ['ws://localhost:8000', 'http://localhost:8000/v1'],
    ['WSS://api.openai.com/v1/realtime', 'https://api.openai.com/v1'],
    ['wss://me.openai.azure.com', 'https://me.openai.azure.com/openai/v1'],
  ])('the address %s is read as %s', (address, baseUrl) => {
    expect(speechOf({ REALTIME_BASE_URL: address })?.baseUrl).toBe(baseUrl);
  });

  test.each([
    'http://localhost:8000/v1',
    'localhost:8000',
    'wss://user:pass@example.com/v1',
    'wss://x/v1?model=m',
  ])('the address %s is refused, with what is accepted', (address) => {
    const read = result({ REALTIME_BASE_URL: address });
    expect(!read.ok && read.errors).toEqual([
      expect.stringContaining('an address like wss://example.com/v1'),
    ]);
  });

  test('its proxy is that of https for wss, and of http for ws', () => {
    const proxies = { HTTPS_PROXY: 'http://secure:1', HTTP_PROXY: 'http://plain:1' };
    expect(speechOf({ ...KEY, ...proxies, SPEECH_ENGINE: 'realtime' })?.proxy).toBe('http://secure:1/');
    expect(speechOf({ ...proxies, REALTIME_BASE_URL: 'ws://voice.lan/v1' })?.proxy).toBe('http://plain:1/');
    const excepted = { ...proxies, NO_PROXY: 'lan', REALTIME_BASE_URL: 'ws://voice.lan/v1' };
    expect(speechOf(excepted)?.proxy).toBeUndefined();
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['realtime without a server', { SPEECH_ENGINE: 'realtime' }, /there is no voice/],
    [
      'Realtime settings with http',
      { ...LOCAL, SPEECH_ENGINE: 'http' },
      /no effect, because SPEECH_ENGINE is http/,
    ],
    [
      'Realtime settings beside a speech server',
      { ...LOCAL, SPEECH_BASE_URL: 'http://localhost:8880/v1' },
      /no effect, because SPEECH_BASE_URL is set/,
    ],
  ])('warns of %s', (_, env, warning) => {
    const read = result(env);
    expect(read.ok && read.warnings.join('\n')).toMatch(warning);
  });
});
