import { describe, expect, test } from 'vitest';
import { startLines, startMessage, type StartMessage } from '../../../src/cli/terminal/start-message.ts';
import { readSettings } from '../../../src/settings/settings.ts';

function messageFor(env: Record<string, string>): StartMessage {
  const result = readSettings(env, { dotEnv: {}, audioConfig: {} }, '/srv');
  if (!result.ok) throw new Error(result.errors.join('\n'));
  return startMessage(result.settings, 8_123);
}

describe('startMessage', () => {
  test('without services names what is missing and how to configure it', () => {
    expect(messageFor({})).toEqual({
      pages: {
        calls: 'http://localhost:8123/calls',
        phone: 'http://localhost:8123/phone',
        recordings: 'http://localhost:8123/recordings',
      },
      answeredBy: 'answering machine',
      reason:
        'not configured: transcription, chat, speech; set OPENAI_API_KEY, or TRANSCRIPTION_BASE_URL, CHAT_BASE_URL, SPEECH_BASE_URL for your own servers',
      webhook: 'none: set PUBLIC_URL and TWILIO_AUTH_TOKEN to receive calls from Twilio',
      statusCallback: undefined,
    });
  });

  test('with services names models and servers, and with Twilio the webhooks', () => {
    const env = {
      OPENAI_API_KEY: 'sk-1',
      CHAT_BASE_URL: 'http://127.0.0.1:11434/v1',
      CHAT_MODEL: 'llama3',
      PUBLIC_URL: 'https://phone.example.com/offhook/',
      TWILIO_AUTH_TOKEN: '0'.repeat(32),
    };
    const message = messageFor(env);
    expect(message).toMatchObject({
      pages: { phone: 'https://phone.example.com/offhook/phone' },
      answeredBy: 'assistant',
      webhook: 'https://phone.example.com/offhook/incoming-call',
      statusCallback: 'https://phone.example.com/offhook/call-status',
    });
    expect(message.reason).toContain('chat llama3 at 127.0.0.1:11434');
    expect(message.reason).toContain('at api.openai.com');
    expect(startLines(message).join('\n')).not.toContain('sk-1');
  });

  test('says which engine speaks, and why', () => {
    const env = { OPENAI_API_KEY: 'sk-1', SPEECH_ENGINE: 'realtime' };
    expect(messageFor(env).reason).toContain(
      'speech gpt-realtime-2.1-mini at api.openai.com over Realtime (SPEECH_ENGINE=realtime)',
    );
    expect(messageFor({ ...env, SPEECH_ENGINE: 'http' }).reason).toContain(
      'speech gpt-4o-mini-tts at api.openai.com (SPEECH_ENGINE=http)',
    );
  });

  test('says which engine transcribes, and what becomes of an utterance that fails there', () => {
    const env = { OPENAI_API_KEY: 'sk-1', TRANSCRIPTION_ENGINE: 'realtime' };
    expect(messageFor(env).reason).toContain(
      'streaming transcription gpt-live-transcribe at api.openai.com over Realtime (TRANSCRIPTION_ENGINE=realtime), otherwise transcription gpt-transcribe at api.openai.com, chat',
    );
    expect(messageFor({ OPENAI_API_KEY: 'sk-1' }).reason).not.toContain('streaming');
  });

  test.each([
    ['127.0.0.1', 'http://127.0.0.1:8123/calls'],
    ['::', 'http://localhost:8123/calls'],
    ['::1', 'http://[::1]:8123/calls'],
  ])('listening on %s, the pages are at %s', (host, address) => {
    expect(messageFor({ HOST: host }).pages['calls']).toBe(address);
  });
});
