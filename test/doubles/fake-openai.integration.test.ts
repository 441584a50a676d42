import OpenAI, { toFile } from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { writeWav } from '../../src/audio/wav/wav.ts';
import { recordedSpeechOf } from '../../src/simulator/fixtures/recorded-speech.ts';
import { readAllScenarios } from '../../src/simulator/fixtures/scenario.ts';
import { comesTrue } from '../support/comes-true.ts';
import type { FakeOpenAiOptions } from './fake-openai-options.ts';
import type { FakeOpenAi } from './fake-openai.ts';
import { startFakeOpenAi } from './fake-openai.ts';
import { toneOf } from './spoken-text.ts';

const FAST = {
  transcriptionMs: 0,
  firstTokenMs: 0,
  betweenTokensMs: 0,
  speechFirstMs: 0,
  speechTimesRealTime: 1e6,
};
const running: FakeOpenAi[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function start(options: FakeOpenAiOptions = {}): Promise<{ server: FakeOpenAi; openai: OpenAI }> {
  const server = await startFakeOpenAi({ timing: FAST, scenarios: readAllScenarios(), ...options });
  running.push(server);
  return { server, openai: new OpenAI({ apiKey: 'any', baseURL: server.url, maxRetries: 0, timeout: 5000 }) };
}

const wavOf = (name: string) =>
  toFile(writeWav(recordedSpeechOf(name).pcm, 8000), 'turn.wav', { type: 'audio/wav' });
const transcribe = async (openai: OpenAI, name: string) =>
  (await openai.audio.transcriptions.create({ file: await wavOf(name), model: 'm', response_format: 'json' }))
    .text;
const user = (content: string) => [{ role: 'user' as const, content }];

async function speak(openai: OpenAI, input: string): Promise<Int16Array> {
  const answer = await openai.audio.speech.create({
    model: 'm',
    voice: 'alloy',
    input,
    response_format: 'pcm',
  });
  const bytes = await answer.arrayBuffer();
  return new Int16Array(bytes);
}

describe('the fake OpenAI server', () => {
  it('transcribes known recordings, many at once, and logs the requests', async () => {
    const { server, openai } = await start();
    const names = [
      'caller-it-is-four-seven-one',
      'caller-my-name-is-peter-collins',
      'caller-thanks-a-lot-bye',
    ];
    const texts = await Promise.all(names.map((name) => transcribe(openai, name)));
    expect(texts).toEqual(names.map((name) => recordedSpeechOf(name).text));
    expect(
      server.requests.map(({ service, body }) => [service, body['model'], body['response_format']]),
    ).toEqual(names.map(() => ['transcription', 'm', 'json']));
    expect(server.requests.every(({ audio }) => (audio?.length ?? 0) > 10_000)).toBe(true);
  });

  it('returns texts in order if configured, and an empty text for unknown audio', async () => {
    const { openai } = await start({ transcriptionsInOrder: ['first'] });
    expect(await transcribe(openai, 'cough')).toBe('first');
    expect(await transcribe(openai, 'cough')).toBe('');
  });

  it('refuses forms and files that OpenAI would refuse', async () => {
    const { server, openai } = await start();
    const file = await toFile(Buffer.from('no wav'), 'turn.wav');
    await expect(openai.audio.transcriptions.create({ file, model: 'm' })).rejects.toMatchObject({
      status: 400,
    });
    const form = new FormData();
    form.set('file', new File(['x'], 'turn.wav'));
    const answer = await fetch(`${server.url}/audio/transcriptions`, { method: 'POST', body: form });
    expect(answer.status).toBe(400);
    expect((await fetch(`${server.url}/nothing`)).status).toBe(404);
  });

  it("streams the reply to the caller's last words", async () => {
    const { openai } = await start();
    const asked = 'I would like to ask about an invoice';
    const stream = await openai.chat.completions.create({
      ...{ model: 'm', stream: true, stream_options: { include_usage: true } },
      messages: [{ role: 'system', content: 'Be brief.' }, ...user(asked)],
    });
    const pieces: string[] = [];
    let tokens = 0;
    for await (const chunk of stream) {
      pieces.push(chunk.choices[0]?.delta.content ?? '');
      tokens += chunk.usage?.completion_tokens ?? 0;
    }
    expect(pieces.join('')).toBe('Of course. Could you tell me the invoice number?');
    expect(pieces.filter((piece) => piece !== '').length).toBe(9);
    expect(tokens).toBe(9);
  });

  it('finds known words within longer texts, and otherwise returns the configured reply', async () => {
    const { openai } = await start({ replyOtherwise: (text) => `What is ${text}?` });
    const reply = async (text: string) =>
      (await openai.chat.completions.create({ model: 'm', messages: user(text) })).choices[0]?.message
        .content;
    expect(await reply('[pressed 5] That was the number.')).toBe(
      'Thank you. Order five five one two is on its way.',
    );
    expect(await reply('a zebra')).toBe('What is a zebra?');
  });

  it('summarises the known call', async () => {
    const { server, openai } = await start();
    const answer = await openai.chat.completions.create({
      model: 'm',
      messages: [
        { role: 'system', content: 'Summarise this telephone call.' },
        ...user(
          '[00:01.000] Caller: Hello, I need a taxi to the station.\n[00:03.000] Assistant: Certainly. A taxi —',
        ),
      ],
    });
    expect(answer.choices[0]?.message.content).toMatch(/taxi to the station/);
    expect(server.requests[0]?.service).toBe('summary');
  });

  it('speaks recorded sentences at 24 kHz, several in one request if needed', async () => {
    const { openai } = await start();
    const one = await speak(openai, 'Of course.');
    const { pcm } = recordedSpeechOf('assistant-of-course');
    expect(one.length).toBe(pcm.length * 3);
    expect(one.filter((_, i) => i % 3 === 0)).toEqual(pcm);
    const both = await speak(openai, 'Of course. Could you tell me the invoice number?');
    const second = recordedSpeechOf('assistant-could-you-tell-me-the').pcm.length * 3;
    expect(both.length).toBe(one.length + 3600 + second);
  });

  it('speaks other texts as a tone whose length fits the text', async () => {
    const { openai } = await start({ tonesOnly: true });
    const pcm = await speak(openai, 'Of course.');
    const { hz, durationMs } = toneOf('Of course.');
    const crossings = pcm.filter((sample, i) => i > 0 && sample >= 0 && (pcm[i - 1] ?? 0) < 0).length;
    expect(pcm.length).toBe(durationMs * 24);
    expect(Math.abs(crossings - (hz * durationMs) / 1000)).toBeLessThanOrEqual(1);
    expect(toneOf('Of course.')).not.toEqual(toneOf('Certainly.'));
  });

  it('lists the models and their announced ends', async () => {
    const { openai } = await start({ models: { 'whisper-1': '2027-02-26', 'other-1': null } });
    const { data } = await openai.models.list();
    expect(data).toMatchObject([
      { id: 'whisper-1', shutdown_date: '2027-02-26' },
      { id: 'other-1', shutdown_date: null },
    ]);
  });

  it('refuses a wrong key', async () => {
    const { openai } = await start({ apiKey: 'right' });
    await expect(openai.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  });
});

describe('the fake OpenAI server with faults', () => {
  it('answers 429 with retry-after as often as configured, then works again', async () => {
    const { server, openai } = await start();
    server.setFault('chat', { kind: 'status', status: 429, retryAfterS: 7 }, 1);
    const ask = () => openai.chat.completions.create({ model: 'm', messages: user('hello') });
    const error: unknown = await ask().catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect((error as InstanceType<typeof OpenAI.RateLimitError>).headers.get('retry-after')).toBe('7');
    expect((await ask()).choices[0]?.message.content).toBe('You said: hello');
    server.setFault('chat', { kind: 'status', status: 500 });
    await expect(ask()).rejects.toMatchObject({ status: 500 });
    await expect(ask()).rejects.toMatchObject({ status: 500 });
    server.setFault('chat', undefined);
    await expect(ask()).resolves.toBeDefined();
  });

  it('never answers, so that only a timeout ends the request', async () => {
    const { server, openai } = await start();
    server.setFault('transcription', { kind: 'hang' });
    const file = await wavOf('cough');
    const asked = openai.audio.transcriptions.create({ file, model: 'm' }, { timeout: 100 });
    await expect(asked).rejects.toBeInstanceOf(OpenAI.APIConnectionTimeoutError);
  });

  it('breaks the connection before or during an answer', async () => {
    const { server, openai } = await start();
    server.setFault('speech', { kind: 'refuse' }, 1);
    await expect(speak(openai, 'Of course.')).rejects.toBeInstanceOf(OpenAI.APIConnectionError);
    server.setFault('speech', { kind: 'cut', afterPieces: 2 }, 1);
    await expect(speak(openai, 'Of course.')).rejects.toThrow();
    expect((await speak(openai, 'Of course.')).length).toBeGreaterThan(0);
  });

  it('stalls in the middle of a stream, and records that the client gave up', async () => {
    const { server, openai } = await start();
    server.setFault('chat', { kind: 'idle', afterPieces: 3 });
    const abort = new AbortController();
    const { signal } = abort;
    const stream = await openai.chat.completions.create(
      { model: 'm', stream: true, messages: user('What are your opening hours?') },
      { signal },
    );
    let text = '';
    const read = async (): Promise<void> => {
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? '';
        // The server never ends this answer: only the client's abort ends the loop.
        if (text === 'We are') abort.abort();
      }
    };
    // After an abort the client's loop ends with or without an error, depending on the moment.
    await read().catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    expect(text).toBe('We are');
    await comesTrue('the server notes the abort', () => server.requests[0]?.aborted === true);
  });
});
