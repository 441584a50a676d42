import { afterEach, describe, expect, test } from 'vitest';
import { writeWav } from '../../../src/audio/wav/wav.ts';
import { ServerProfiles } from '../../../src/openai/server/server-profiles.ts';
import { DiarizingTranscriber } from '../../../src/openai/transcription/diarizing-transcriber.ts';
import { HandTimer } from '../hand-timer.ts';
import { type Answer, json, ScriptedServer, silent } from '../scripted-server.ts';

const never = new AbortController().signal;
/** 20 s of sound as loud as speech. */
const pcm = Int16Array.from({ length: 16_000 * 20 }, (_, n) => 4_000 * Math.sin(n * 0.4));
const SOUND = { wav: writeWav(pcm, 16_000), durationMs: 20_000 };
let server: ScriptedServer;

afterEach(() => server.stop());

type Fields = Readonly<Record<string, string>>;

async function transcriberFor(rule: (fields: Fields) => Answer, model = 'm') {
  const requests: Fields[] = [];
  server = await ScriptedServer.ruled(({ body }) => {
    const form = body.toString('latin1').matchAll(/name="([^"]+)"\r\n\r\n([^\r]*)/gu);
    const fields = Object.fromEntries([...form].map(([, name, value]) => [name!, value!]));
    requests.push(fields);
    return rule(fields);
  });
  const profiles = new ServerProfiles();
  const hand = new HandTimer();
  const transcriber = new DiarizingTranscriber({
    transcription: { model, baseUrl: server.baseUrl },
    language: 'nb',
    timer: hand.timer,
    profiles,
  });
  const learned = () => profiles.entries[0]?.profile.speakers;
  return { transcriber, requests, learned, hand };
}

/** https://developers.openai.com/api/docs/guides/speech-to-text: response of `diarized_json`. */
const DIARIZED = json(200, {
  task: 'transcribe',
  duration: 20,
  text: 'Agent: Thanks for calling. Hi, I need an invoice.',
  segments: [
    {
      type: 'transcript.text.segment',
      id: 'seg_001',
      start: 0,
      end: 4.7,
      text: 'Thanks for calling.',
      speaker: 'A',
    },
    {
      type: 'transcript.text.segment',
      id: 'seg_002',
      start: 5.25,
      end: 9.1,
      text: ' I need\nan invoice.',
      speaker: 'B',
    },
  ],
  usage: { type: 'duration', seconds: 20 },
});
const SEGMENTS = [
  { startMs: 0, endMs: 4_700, text: 'Thanks for calling.', speaker: 'A' },
  { startMs: 5_250, endMs: 9_100, text: 'I need an invoice.', speaker: 'B' },
];
/** https://github.com/m-bain/whisperX: segments with a `speaker` each, where one was found, and aligned words. */
const WHISPERX = json(200, {
  text: 'Thanks for calling. I need an invoice.',
  language: 'en',
  segments: [
    {
      id: 0,
      start: 0.031,
      end: 4.7,
      text: ' Thanks for calling.',
      speaker: 'SPEAKER_01',
      words: [{ word: 'Thanks' }],
    },
    { id: 1, start: 5.25, end: 9.1, text: ' I need an invoice.' },
  ],
});
const PLAIN = json(200, { text: 'Thanks for calling. I need an invoice.' });

describe('a model that labels speakers', () => {
  test('is asked for diarized JSON in chunks, as the documentation says, without a prompt', async () => {
    const { transcriber, requests, learned } = await transcriberFor(
      () => DIARIZED,
      'gpt-4o-transcribe-diarize',
    );
    expect(await transcriber.transcribeSpeakers(SOUND, never)).toEqual(SEGMENTS);
    expect(requests).toEqual([
      {
        model: 'gpt-4o-transcribe-diarize',
        response_format: 'diarized_json',
        chunking_strategy: 'auto',
        language: 'nb',
      },
    ]);
    expect([learned(), transcriber.mayTellSpeakers]).toEqual(['diarized_json', true]);
  });

  test('is asked without a language that it refuses', async () => {
    const refusal = json(400, { error: { message: "Language 'nb' is not supported.", param: 'language' } });
    const { transcriber, requests } = await transcriberFor((fields) =>
      'language' in fields ? refusal : DIARIZED,
    );
    expect(await transcriber.transcribeSpeakers(SOUND, never)).toEqual(SEGMENTS);
    expect(await transcriber.transcribeSpeakers(SOUND, never)).toEqual(SEGMENTS);
    expect(requests.map((fields) => 'language' in fields)).toEqual([true, false, false]);
  });

  test('invents no words in silence, and an empty recording teaches nothing', async () => {
    const { transcriber, learned } = await transcriberFor(() => json(200, { text: '', segments: [] }));
    expect(await transcriber.transcribeSpeakers(SOUND, never)).toEqual([]);
    expect(learned()).toBeUndefined();
    await server.stop();
    const invented = await transcriberFor(() => DIARIZED);
    const silence = { wav: writeWav(new Int16Array(160_000), 16_000), durationMs: 10_000 };
    expect(await invented.transcriber.transcribeSpeakers(silence, never)).toEqual([]);
  });
});

describe('a server around WhisperX', () => {
  test.each([
    // A pydantic literal, as speaches has one: https://github.com/BerriAI/litellm/issues/20274
    json(422, {
      detail: [{ loc: ['body', 'response_format'], msg: "Input should be 'text', 'json', 'verbose_json'" }],
    }),
    json(400, { detail: 'Unsupported response format: diarized_json' }),
    json(500, { detail: 'ValueError: diarized_json is not a valid ResponseFormat' }),
    // Unknown formats are ignored.
    PLAIN,
  ])('is asked for verbose JSON after its first answer, then and later', async (first) => {
    const { transcriber, requests, learned } = await transcriberFor(({ response_format: format }) =>
      format === 'diarized_json' ? first : WHISPERX,
    );
    for (let times = 0; times < 2; times += 1)
      expect(await transcriber.transcribeSpeakers(SOUND, never)).toEqual([
        { startMs: 31, endMs: 4_700, text: 'Thanks for calling.', speaker: 'SPEAKER_01' },
        { startMs: 5_250, endMs: 9_100, text: 'I need an invoice.', speaker: undefined },
      ]);
    expect(requests.filter(({ diarize }) => diarize === 'true')).toHaveLength(2);
    expect(requests.at(-1)).toMatchObject({ response_format: 'verbose_json' });
    expect([requests.at(-2)!['response_format'], learned()]).toEqual(['verbose_json', 'verbose_json']);
  });
});

describe('a server that labels no speakers', () => {
  test.each([
    ['OpenAI', json(400, { error: { message: "response_format 'x' is not compatible with model 'm'." } })],
    [
      'a server that refuses unknown fields',
      json(400, { error: { message: "Unknown parameter: 'diarize'." } }),
    ],
    ['a server without reasons', json(400, {})],
    ['whisper.cpp, which ignores unknown fields', PLAIN],
    [
      'a server with segments alone',
      json(200, { text: 'Yes.', segments: [{ start: 0, end: 2, text: 'Yes.' }] }),
    ],
  ])('%s: is not asked again', async (_, answer) => {
    const { transcriber, requests, learned } = await transcriberFor(() => answer);
    expect(await transcriber.transcribeSpeakers(SOUND, never)).toBeUndefined();
    expect([learned(), transcriber.mayTellSpeakers, requests.length]).toEqual(['none', false, 2]);
    expect(await transcriber.transcribeSpeakers(SOUND, never)).toBeUndefined();
    expect(requests).toHaveLength(2);
  });

  test.each([
    json(500, { detail: 'CUDA out of memory' }),
    json(413, { detail: 'too large' }),
    json(400, { error: { message: 'The audio file could not be decoded.' } }),
    json(200, { error: 'out of memory' }),
  ])('for one recording only: is asked again for the next', async (failure) => {
    let fails = true;
    const { transcriber, learned } = await transcriberFor(() => (fails ? failure : DIARIZED));
    expect(await transcriber.transcribeSpeakers(SOUND, never)).toBeUndefined();
    expect(learned()).toBeUndefined();
    fails = false;
    expect(await transcriber.transcribeSpeakers(SOUND, never)).toEqual(SEGMENTS);
  });

  test('within five minutes: the recording is transcribed without them', async () => {
    const { transcriber, hand, learned } = await transcriberFor(() => silent);
    const asked = transcriber.transcribeSpeakers(SOUND, never);
    await hand.runOut();
    expect([await asked, learned()]).toEqual([undefined, undefined]);
  });
});

test.each([429, 401, 503])('a server that answers %i cannot transcribe now', async (status) => {
  const { transcriber, learned } = await transcriberFor(() => json(status, { error: { message: 'no' } }));
  await expect(transcriber.transcribeSpeakers(SOUND, never)).rejects.toMatchObject({ details: { status } });
  expect(learned()).toBeUndefined();
});
