import { describe, expect, test } from 'vitest';
import { readSettings, type SettingsResult } from '../../../src/settings/settings.ts';

const KEY = { OPENAI_API_KEY: 'sk-1' };
const ON = { TRANSCRIPTION_ENGINE: 'realtime', SPEECH_ENGINE: 'http' };
const LOCAL = { REALTIME_BASE_URL: 'ws://localhost:8000/v1' };

const result = (env: Record<string, string>): SettingsResult =>
  readSettings(env, { dotEnv: {}, audioConfig: {} }, '/srv');
function settingsOf(env: Record<string, string>) {
  const read = result(env);
  if (!read.ok) throw new Error(read.errors.join('\n'));
  return read.settings;
}
const warningsOf = (env: Record<string, string>): string => {
  const read = result(env);
  return read.ok
    ? read.warnings.filter((one) => one.includes('REALTIME') || one.includes('ENGINE')).join('\n')
    : '';
};

describe('TRANSCRIPTION_ENGINE', () => {
  test('is whisper by default: no Realtime server hears callers', () => {
    expect(settingsOf({ ...KEY, ...LOCAL }).streamingTranscription).toBeUndefined();
  });

  test('realtime at OpenAI uses its address and key; what fails there goes to the transcription endpoint', () => {
    const { streamingTranscription, transcription } = settingsOf({ ...KEY, ...ON });
    expect(streamingTranscription).toMatchObject({
      baseUrl: 'https://api.openai.com/v1',
      model: 'gpt-live-transcribe',
      apiKey: 'sk-1',
    });
    expect(transcription).toMatchObject({ model: 'gpt-transcribe' });
    expect(warningsOf({ ...KEY, ...ON })).toBe('');
  });

  test('realtime at another server has its own model, and not the key of OpenAI', () => {
    const env = { ...KEY, ...ON, ...LOCAL, REALTIME_TRANSCRIPTION_MODEL: 'whisper-live' };
    expect(settingsOf(env).streamingTranscription).toMatchObject({
      baseUrl: 'http://localhost:8000/v1',
      model: 'whisper-live',
      apiKey: undefined,
    });
    expect(warningsOf(env)).toBe('');
  });

  test('another value is refused, with those that are accepted', () => {
    const read = result({ TRANSCRIPTION_ENGINE: 'http' });
    expect(!read.ok && read.errors).toEqual([expect.stringContaining('one of whisper, realtime')]);
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['a transcription endpoint', { ...ON, ...LOCAL }, /no effect without a transcription endpoint/],
    [
      'a Realtime server',
      { ...ON, TRANSCRIPTION_BASE_URL: 'http://localhost:9000/v1' },
      /no effect without OPENAI_API_KEY, REALTIME_API_KEY or REALTIME_BASE_URL/,
    ],
  ])('realtime without %s has no effect, and a warning says so', (_, env, warning) => {
    expect(settingsOf(env).streamingTranscription).toBeUndefined();
    expect(warningsOf(env)).toMatch(warning);
  });
});
