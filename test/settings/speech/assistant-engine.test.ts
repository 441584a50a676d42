import { describe, expect, test } from 'vitest';
import { readSettings, type Settings } from '../../../src/settings/settings.ts';

const KEY = { OPENAI_API_KEY: 'sk-1' };
const LOCAL = { REALTIME_BASE_URL: 'ws://localhost:8000/v1' };

const result = (env: Record<string, string>) => readSettings(env, { dotEnv: {}, audioConfig: {} }, '/srv');
function settingsOf(env: Record<string, string>): Settings {
  const read = result(env);
  if (!read.ok) throw new Error(read.errors.join('\n'));
  return read.settings;
}

describe('ASSISTANT', () => {
  test.each<[string, Record<string, string>, string | undefined]>([
    ['nothing', {}, undefined],
    ['a key of OpenAI', KEY, undefined],
    ['a Realtime server', LOCAL, 'REALTIME_BASE_URL is set'],
    ['a Realtime server and a key of OpenAI', { ...KEY, ...LOCAL }, 'REALTIME_BASE_URL is set'],
    ['a key for Realtime', { ...KEY, REALTIME_API_KEY: 'k' }, 'REALTIME_API_KEY is set'],
    ['a speech server', { ...LOCAL, SPEECH_BASE_URL: 'http://localhost:8880/v1' }, undefined],
    ['a Realtime voice', { ...KEY, ...LOCAL, SPEECH_ENGINE: 'realtime' }, undefined],
    ['a Realtime transcription', { ...KEY, ...LOCAL, TRANSCRIPTION_ENGINE: 'realtime' }, undefined],
    ['pipeline', { ...LOCAL, ASSISTANT: 'pipeline' }, undefined],
    ['realtime and a key of OpenAI', { ...KEY, ASSISTANT: 'realtime' }, 'ASSISTANT=realtime'],
    [
      'realtime and a speech server',
      { ...KEY, ASSISTANT: 'realtime', SPEECH_BASE_URL: 'http://localhost:8880/v1' },
      'ASSISTANT=realtime',
    ],
    ['realtime without a server', { ASSISTANT: 'realtime' }, undefined],
  ])('with %s', (_, env, reason) => {
    expect(settingsOf(env).speechToSpeech?.reason).toBe(reason);
  });

  test('realtime at OpenAI uses its address and key, and its voice is that of the greeting', () => {
    const { speechToSpeech, speech } = settingsOf({ ...KEY, ASSISTANT: 'realtime' });
    expect(speechToSpeech).toMatchObject({
      baseUrl: 'https://api.openai.com/v1',
      model: 'gpt-realtime-2.1-mini',
      voice: 'marin',
      apiKey: 'sk-1',
      transcriptionModel: undefined,
    });
    expect(speech).toMatchObject({ engine: 'realtime', engineReason: 'the voice of the Realtime assistant' });
  });

  test('the session transcribes if nothing else does, or if it is to do so', () => {
    expect(settingsOf(LOCAL).speechToSpeech!.transcriptionModel).toBe('gpt-live-transcribe');
    const both = { ...KEY, ASSISTANT: 'realtime', TRANSCRIPTION_ENGINE: 'realtime' };
    expect(settingsOf(both).speechToSpeech!.transcriptionModel).toBe('gpt-live-transcribe');
  });

  test('realtime without a Realtime server is warned of', () => {
    const read = result({ ASSISTANT: 'realtime' });
    expect(read.ok && read.warnings).toContainEqual(
      expect.stringContaining('ASSISTANT=realtime has no effect'),
    );
  });

  test('REALTIME_TURNS: who decides where turns end; pauses are reported to a server in any case', () => {
    expect(settingsOf(LOCAL).speechToSpeech!.turns).toBe('own');
    const { speechToSpeech, call } = settingsOf({ ...LOCAL, REALTIME_TURNS: 'server', EAGER_REPLIES: 'off' });
    expect(speechToSpeech!.turns).toBe('server');
    expect(call.turns.pauseMs).toBe(180);
    const read = result({ REALTIME_TURNS: 'auto' });
    expect(!read.ok && read.errors).toEqual([expect.stringContaining('one of own, server')]);
  });

  test.each([{}, { ...KEY, ASSISTANT: 'pipeline' }])(
    'REALTIME_TURNS=server without a Realtime assistant is warned of (%j)',
    (env: Record<string, string>) => {
      const read = result({ ...env, REALTIME_TURNS: 'server' });
      expect(read.ok && read.warnings).toContainEqual(
        expect.stringContaining('REALTIME_TURNS=server has no effect'),
      );
    },
  );

  test('another value is refused, with those that are accepted', () => {
    const read = result({ ASSISTANT: 'speech' });
    expect(!read.ok && read.errors).toEqual([expect.stringContaining('one of auto, pipeline, realtime')]);
  });
});
