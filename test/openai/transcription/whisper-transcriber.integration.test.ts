import { afterEach, describe, expect, test } from 'vitest';
import { writeWav } from '../../../src/audio/wav/wav.ts';
import type { Utterance } from '../../../src/call/ports.ts';
import { WhisperTranscriber } from '../../../src/openai/transcription/whisper-transcriber.ts';
import { HandTimer } from '../hand-timer.ts';
import { failing, json, ScriptedServer, silent, stalling } from '../scripted-server.ts';

let server: ScriptedServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function transcriberFor(...answers: Parameters<typeof ScriptedServer.start>) {
  const started = (server = await ScriptedServer.start(...answers));
  const hand = new HandTimer();
  const transcriber = new WhisperTranscriber({
    transcription: { model: 'any-model', baseUrl: started.baseUrl, apiKey: 'sk-1' },
    language: 'pt-BR',
    timeouts: { answerMs: 2_000, idleMs: 2_000, retries: 2, maxPauseMs: 1_000 },
    timer: hand.timer,
  });
  return { transcriber, hand, asked: started.asked };
}

/** Noise-like sound of a peak around `dbfs`, `soundMs` long, in the middle of a quiet second. */
function utterance(dbfs: number, soundMs: number): Utterance {
  const amplitude = 32_768 * 10 ** (dbfs / 20) * Math.SQRT2;
  const sound = Int16Array.from({ length: 8 * soundMs }, (_, n) => amplitude * Math.sin(n * 1.1));
  const pcm = new Int16Array(8 * (soundMs + 1_000));
  pcm.set(sound, 4_000);
  return { wav: writeWav(pcm, 8_000), durationMs: pcm.length / 8 };
}

const SPEECH = utterance(-20, 2_000);
const never = new AbortController().signal;

describe('WhisperTranscriber', () => {
  test('uploads the utterance as a WAV file with the fields that every server supports', async () => {
    const { transcriber, asked } = await transcriberFor(json(200, { text: ' Bom dia. ' }));
    expect(await transcriber.transcribe(SPEECH, never)).toBe('Bom dia.');
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ path: '/v1/audio/transcriptions', authorization: 'Bearer sk-1' });
    const form = await new Response(new Uint8Array(asked[0]?.body ?? []), {
      headers: { 'content-type': asked[0]?.contentType ?? '' },
    }).formData();
    const { file, ...fields } = Object.fromEntries(form.entries());
    expect(fields).toEqual({ model: 'any-model', response_format: 'json', language: 'pt' });
    expect(file).toMatchObject({ name: 'utterance.wav', type: 'audio/wav' });
    expect(new Uint8Array(await (file as Blob).arrayBuffer())).toEqual(SPEECH.wav);
  });

  test('leaves out the language for a model that refuses it, then and later', async () => {
    const refusal = failing(400, { message: 'Unsupported field: language', param: 'language' });
    const { transcriber, asked } = await transcriberFor(
      refusal,
      json(200, { text: 'one' }),
      json(200, { text: 'two' }),
    );
    expect(await transcriber.transcribe(SPEECH, never)).toBe('one');
    expect(await transcriber.transcribe(SPEECH, never)).toBe('two');
    expect(asked.map(({ body }) => body.includes('name="language"'))).toEqual([true, false, false]);
  });

  test('sends no request for silence', async () => {
    const { transcriber, asked } = await transcriberFor(json(200, { text: 'Thanks for watching!' }));
    expect(await transcriber.transcribe(utterance(-70, 3_000), never)).toBe('');
    expect(asked).toHaveLength(0);
  });

  test('drops typical hallucinations of almost silent audio', async () => {
    const { transcriber, asked } = await transcriberFor(json(200, { text: 'Thanks for watching!' }));
    expect(await transcriber.transcribe(utterance(-50, 1_000), never)).toBe('');
    expect(asked).toHaveLength(1);
  });

  test('sends the complete file again if the server fails', async () => {
    const { transcriber, asked } = await transcriberFor(failing(500), json(200, { text: 'again' }));
    expect(await transcriber.transcribe(SPEECH, never)).toBe('again');
    expect(asked).toHaveLength(2);
    expect(asked[1]?.body.length).toBeGreaterThan(SPEECH.wav.length);
  });

  test.each([
    [401, false],
    [413, false],
    [500, true],
  ])('after an answer of %i the error is transient: %s', async (status, transient) => {
    const { transcriber } = await transcriberFor(failing(status), failing(status), failing(status));
    await expect(transcriber.transcribe(SPEECH, never)).rejects.toMatchObject({
      name: 'ServiceError',
      service: 'transcription',
      transient,
    });
  });

  test('an answer that stalls after its headers is an error', async () => {
    const { transcriber, hand, asked } = await transcriberFor(stalling);
    const failure = transcriber.transcribe(SPEECH, never).catch((error: unknown) => error);
    while (asked.length < 1) await new Promise((turn) => setImmediate(turn));
    await hand.runOut();
    expect(await failure).toMatchObject({ service: 'transcription', transient: true });
  });

  test('is aborted with the signal’s reason', async () => {
    const { transcriber, hand } = await transcriberFor(silent);
    const call = new AbortController();
    const failure = transcriber.transcribe(SPEECH, call.signal).catch((error: unknown) => error);
    call.abort(new Error('too late'));
    expect(await failure).toMatchObject({ message: 'too late' });
    expect(hand.waiting).toEqual([]);
  });

  test.each([8_000, 16_000])(
    'drops invented text after a bump at %i Hz, and keeps it in a clip',
    async (hz) => {
      const invented = '시청해주셔서 감사합니다!';
      const { transcriber } = await transcriberFor(
        json(200, { text: invented }),
        json(200, { text: 'Yes, at nine.' }),
        json(200, { text: invented }),
      );
      const sound = bump(hz);
      expect(await transcriber.transcribe(sound, never)).toBe('');
      expect(await transcriber.transcribe(sound, never)).toBe('Yes, at nine.');
      expect(await transcriber.transcribeClip(sound.wav, 'wav', never)).toBe(invented);
    },
  );
});

/** 600 ms of noise at -50 dBFS with 200 ms at -28 dBFS in it, and silence. */
function bump(hz: number): Utterance {
  const pcm = Int16Array.from({ length: 1.4 * hz }, (_, n) => {
    const atMs = (n * 1_000) / hz;
    if (atMs >= 600) return 0;
    const dbfs = atMs >= 200 && atMs < 400 ? -28 : -50;
    return 32_768 * 10 ** (dbfs / 20) * Math.SQRT2 * Math.sin(n * 1.1);
  });
  return { wav: writeWav(pcm, hz), durationMs: 1_400 };
}
