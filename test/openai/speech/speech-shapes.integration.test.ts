import { afterEach, describe, expect, test } from 'vitest';
import { decodeMulaw } from '../../../src/audio/mulaw.ts';
import { writeWav } from '../../../src/audio/wav/wav.ts';
import { ServerProfiles } from '../../../src/openai/server/server-profiles.ts';
import { SpeechVoice } from '../../../src/openai/speech/speech-voice.ts';
import { encodeAll } from '../../support/encode-to-file.ts';
import { amplitudeAt } from '../../support/tones.ts';
import { HandTimer } from '../hand-timer.ts';
import { type Answer, bytes, json, ScriptedServer } from '../scripted-server.ts';

const TIMEOUTS = { answerMs: 2_000, idleMs: 2_000, retries: 2, maxPauseMs: 1_000 };
const never = new AbortController().signal;
let server: ScriptedServer;

afterEach(() => server.stop());

const tone = Int16Array.from(
  { length: 24_000 },
  (_, n) => 8_000 * Math.sin((2 * Math.PI * 440 * n) / 24_000),
);
const raw = Buffer.from(tone.buffer);
const wav = bytes([writeWav(tone, 24_000)], 'audio/wav');
const detail = (msg: string): object => ({ detail: [{ loc: ['body', 'response_format'], msg }] });

async function voiceWith(rule: (format: string | undefined) => Answer) {
  server = await ScriptedServer.ruled(({ body }) =>
    rule((JSON.parse(String(body)) as { response_format?: string }).response_format),
  );
  const profiles = new ServerProfiles();
  const speech = { model: 'm', baseUrl: server.baseUrl, voice: 'coral' };
  return {
    profiles,
    voice: new SpeechVoice({ speech, timeouts: TIMEOUTS, timer: new HandTimer().timer, profiles }),
  };
}

const formats = (): (string | undefined)[] =>
  server.asked.map(({ body }) => (JSON.parse(String(body)) as { response_format?: string }).response_format);

async function heardTone(voice: SpeechVoice): Promise<void> {
  const pieces: Uint8Array[] = [];
  for await (const piece of voice.speak('We are open until six.', never)) pieces.push(piece);
  const pcm = decodeMulaw(Buffer.concat(pieces));
  expect(Math.abs(pcm.length - 8_000)).toBeLessThan(700);
  expect(amplitudeAt(pcm.subarray(1_000, -1_000), 440, 8_000)).toBeGreaterThan(7_500);
}

describe('a speech server that has not every format', () => {
  test.each<[string, Answer, (format: string | undefined) => Answer | undefined, string]>([
    [
      'names wav (Groq)',
      json(400, {
        error: { message: 'response_format must be one of [wav]', type: 'invalid_request_error' },
      }),
      (format) => (format === 'wav' ? wav : undefined),
      'wav',
    ],
    [
      'names mp3',
      json(400, { error: { message: "response_format 'wav' is not supported, use mp3 or opus" } }),
      () => undefined,
      'mp3',
    ],
    [
      'has only pcm (pydantic)',
      json(422, detail("Input should be 'pcm'")),
      (format) => (format === 'pcm' ? bytes([raw]) : undefined),
      'pcm',
    ],
    [
      'has only pcm and does not say so',
      json(400, {}),
      (format) => (format === 'pcm' ? bytes([raw]) : undefined),
      'pcm',
    ],
    [
      'fails with 500 from ffmpeg',
      json(500, { detail: 'ffmpeg: encoder for wav not found' }),
      (format) => (format === 'pcm' ? bytes([raw]) : undefined),
      'pcm',
    ],
    // The model or the voice is named beside the format.
    [
      'names pcm16 and the model (LiteLLM for Gemini)',
      json(400, {
        error: { message: 'Gemini TTS only supports pcm16 format, got wav for model gemini-tts' },
      }),
      (format) => (format === 'pcm' ? bytes([raw]) : undefined),
      'pcm',
    ],
    [
      'names the voice and mp3',
      json(400, { error: { message: "Format wav is not available for voice 'alloy'; use mp3" } }),
      () => undefined,
      'mp3',
    ],
    // Gemini's voices at OpenRouter have pcm alone (adrianlyjak/obsidian-aloud-tts#144); the wordings are examples.
    [
      'names only the refused format and the model',
      json(400, { error: { message: 'model gemini-tts does not support wav' } }),
      (format) => (format === 'pcm' ? bytes([raw]) : undefined),
      'pcm',
    ],
    [
      'fails with 500 and names only the refused format',
      json(500, { detail: "Unknown format: 'wav'" }),
      (format) => (format === 'pcm' ? bytes([raw]) : undefined),
      'pcm',
    ],
    [
      'knows no field for the format',
      json(400, { error: { message: 'Unrecognized request argument supplied: response_format' } }),
      (format) => (format === undefined ? wav : undefined),
      'none',
    ],
  ])(
    'and %s is asked for what it has, within the same sentence, and only for that later',
    async (_, refusal, accepts, format) => {
      const mp3 = (await encodeAll('mp3', { sampleRateHz: 24_000, channels: 1 }, tone)).bytes;
      const { voice } = await voiceWith(
        (asked) =>
          accepts(asked) ?? (format === 'mp3' && asked === 'mp3' ? bytes([mp3], 'audio/mpeg') : refusal),
      );
      await heardTone(voice);
      const asked = server.asked.length;
      expect(formats().at(-1) ?? 'none').toBe(format);
      await heardTone(voice);
      expect(server.asked).toHaveLength(asked + 1);
      expect(new Set(formats().slice(0, asked)).size).toBe(asked);
    },
  );

  test('and sends something else that cannot be decoded is asked for another one', async () => {
    const webm = Buffer.concat([Buffer.from([0x1a, 0x45, 0xdf, 0xa3]), Buffer.alloc(60)]);
    const { voice, profiles } = await voiceWith((format) =>
      format === 'wav' ? bytes([webm], 'audio/webm') : bytes([raw]),
    );
    await heardTone(voice);
    expect(profiles.entries[0]?.profile.refusedFormats).toEqual(['wav']);
  });

  test.each([
    [400, { error: { message: "voice 'coral' not found" } }],
    [404, { detail: "Model 'm' is not installed locally. You can download the model using POST /v1/models" }],
    [401, { error: { message: 'bad key' } }],
    [400, { error: { message: 'input contains only punctuation' } }],
  ])('is not asked for other formats after %i %j', async (status, body) => {
    const { voice } = await voiceWith(() => json(status, body));
    await expect(heardTone(voice)).rejects.toMatchObject({
      service: 'speech',
      transient: false,
      details: { status },
    });
    expect(server.asked).toHaveLength(1);
  });

  test('is asked again for an empty response, and then fails by name', async () => {
    let answers = 0;
    const { voice } = await voiceWith(() => ((answers += 1) === 1 ? bytes([]) : wav));
    await heardTone(voice);
    answers = -10;
    const { voice: silent } = await voiceWith(() => bytes([]));
    await expect(heardTone(silent)).rejects.toMatchObject({
      details: { code: 'no_audio', said: 'the response is empty' },
    });
  });

  test('that has raw samples alone is read at the rate of the setting', async () => {
    server = await ScriptedServer.ruled(() => bytes([raw.subarray(0, 32_000)], 'audio/pcm'));
    const speech = { model: 'm', baseUrl: server.baseUrl, voice: 'coral', sampleRateHz: 16_000 };
    let samples = 0;
    for await (const piece of new SpeechVoice({ speech }).speak('Hello.', never)) samples += piece.length;
    expect(samples).toBe(8_000);
  });

  test('passes on its own error inside a successful response', async () => {
    const { voice } = await voiceWith(() => json(200, { error: { message: 'out of memory', code: 'oom' } }));
    await expect(heardTone(voice)).rejects.toMatchObject({ details: { said: 'out of memory', code: 'oom' } });
  });
});

test.each([
  [503, 'The container is starting up'],
  [500, "'latin-1' codec can't encode character"],
  [502, 'bad response format from upstream'],
  [429, 'rate limit for this output format'],
])('%i %j teaches nothing of the format', async (status, message) => {
  let calls = 0;
  const { voice, profiles } = await voiceWith(() =>
    (calls += 1) === 1 ? json(status, { detail: message }) : wav,
  );
  await heardTone(voice);
  expect(profiles.entries.map(({ profile }) => profile.refusedFormats)).not.toContainEqual(['wav']);
});

test('a response that is silence is a failure; silence before the words is played', async () => {
  const { voice } = await voiceWith(() => bytes([writeWav(new Int16Array(24_000), 24_000)], 'audio/wav'));
  const heard = async (): Promise<number> => {
    let samples = 0;
    for await (const piece of voice.speak('We are open.', never)) samples += piece.length;
    return samples;
  };
  await expect(heard()).rejects.toMatchObject({
    details: { code: 'no_audio', said: 'the response is silence' },
  });
  await server.stop();
  const late = await voiceWith(() =>
    bytes([writeWav(Int16Array.from([...new Int16Array(24_000), ...tone]), 24_000)], 'audio/wav'),
  );
  let samples = 0;
  for await (const piece of late.voice.speak('We are open.', never)) samples += piece.length;
  expect(Math.abs(samples - 16_000)).toBeLessThan(100);
});
