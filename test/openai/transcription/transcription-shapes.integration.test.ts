import { afterEach, describe, expect, test } from 'vitest';
import { ServerProfiles } from '../../../src/openai/server/server-profiles.ts';
import { WhisperTranscriber } from '../../../src/openai/transcription/whisper-transcriber.ts';
import { HandTimer } from '../hand-timer.ts';
import { type Answer, json, ScriptedServer } from '../scripted-server.ts';

const TIMEOUTS = { answerMs: 2_000, idleMs: 2_000, retries: 2, maxPauseMs: 1_000 };
const never = new AbortController().signal;
const CLIP = new Uint8Array(400);
let server: ScriptedServer;

afterEach(() => server.stop());

async function transcriberWith(
  rule: (form: string) => Answer,
  profiles = new ServerProfiles(),
  language = 'nb',
) {
  server = await ScriptedServer.ruled(({ body }) => rule(body.toString('latin1')));
  return new WhisperTranscriber({
    transcription: { model: 'm', baseUrl: server.baseUrl },
    language,
    timeouts: TIMEOUTS,
    timer: new HandTimer().timer,
    profiles,
  });
}

const good = json(200, { text: 'Hei.' });
const sent = (field: string): boolean[] => server.asked.map(({ body }) => body.includes(`name="${field}"`));

describe('a transcription server that refuses the language', () => {
  test.each([
    [400, { detail: "'nb' is not a valid language code" }],
    [422, { detail: [{ loc: ['body', 'language'], msg: "Input should be 'en' or 'de'", type: 'enum' }] }],
    [500, { detail: "'nb' is not a valid language code" }],
    [400, { error: { message: 'Unsupported field: language', param: 'language' } }],
    [500, { error: "Unsupported language: nb. Language should be one of: ['english']" }],
    [400, {}],
  ])('with %i %j is asked without it, then and later', async (status, body) => {
    const profiles = new ServerProfiles();
    const transcriber = await transcriberWith(
      (form) => (form.includes('name="language"') ? json(status, body) : good),
      profiles,
    );
    expect(await transcriber.transcribeClip(CLIP, 'wav', never)).toBe('Hei.');
    expect(await transcriber.transcribeClip(CLIP, 'wav', never)).toBe('Hei.');
    expect(sent('language')).toEqual([true, false, false]);
    expect(profiles.entries[0]?.profile.refusedFields).toEqual(['language=nb']);
  });

  test('is told another language when the setting changes', async () => {
    const profiles = new ServerProfiles();
    const first = await transcriberWith(
      (form) => (form.includes('nb') ? json(400, { detail: 'language nb' }) : good),
      profiles,
    );
    await first.transcribeClip(CLIP, 'wav', never);
    const { port } = new URL(server.baseUrl);
    const second = new WhisperTranscriber({
      transcription: { model: 'm', baseUrl: `http://127.0.0.1:${port}/v1` },
      language: 'no',
      timeouts: TIMEOUTS,
      profiles,
    });
    await second.transcribeClip(CLIP, 'wav', never);
    expect(sent('language')).toEqual([true, false, true]);
  });
});

describe('a transcription server', () => {
  test('that refuses the format is asked without it', async () => {
    const refusal = json(400, { error: { message: "response_format 'json' is not compatible with model" } });
    const transcriber = await transcriberWith((form) => (form.includes('response_format') ? refusal : good));
    expect(await transcriber.transcribeClip(CLIP, 'wav', never)).toBe('Hei.');
    expect(sent('response_format')).toEqual([true, false]);
    expect(sent('language')).toEqual([true, true]);
  });

  test('that reports an error inside a successful response is asked again, and is never taken for silence', async () => {
    let failures = 1;
    const transcriber = await transcriberWith(() =>
      (failures -= 1) >= 0 ? json(200, { error: 'out of memory' }) : good,
    );
    expect(await transcriber.transcribeClip(CLIP, 'wav', never)).toBe('Hei.');
    failures = 9;
    await expect(transcriber.transcribeClip(CLIP, 'wav', never)).rejects.toMatchObject({
      transient: true,
      details: { said: 'out of memory' },
    });
  });

  test('that lacks the model says so in the error', async () => {
    const said = "Model 'm' is not installed locally. You can download the model using POST /v1/models";
    const transcriber = await transcriberWith(() => json(404, { detail: said }));
    await expect(transcriber.transcribeClip(CLIP, 'wav', never)).rejects.toMatchObject({
      transient: false,
      refusal: `it does not know the model or the address (“${said}”)`,
      details: { status: 404, said },
    });
    expect(server.asked).toHaveLength(1);
  });
});

test.each([
  [503, 'The language model is still loading'],
  [500, 'language model failed'],
  [404, 'no such route; see the language documentation'],
  [502, 'Unsupported language of the gateway'],
])('%i %j teaches nothing', async (status, message) => {
  const profiles = new ServerProfiles();
  let calls = 0;
  const transcriber = await transcriberWith(
    () => ((calls += 1) === 1 ? json(status, { error: { message } }) : good),
    profiles,
  );
  await transcriber.transcribeClip(CLIP, 'wav', never).catch(() => undefined);
  expect(profiles.entries[0]?.profile.refusedFields).toBeUndefined();
});
