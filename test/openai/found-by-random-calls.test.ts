import { beforeAll, describe, expect, test } from 'vitest';
import { loadResampler } from '../../src/audio/resampler.ts';
import type { ServiceError } from '../../src/call/ports.ts';
import { Dice } from '../doubles/virtual-servers/dice.ts';
import { refusal, textResponse } from '../doubles/virtual-servers/failing-responses.ts';
import { SpeechServer } from '../doubles/virtual-servers/speech-server.ts';
import type { VirtualServer, WireResponse } from '../doubles/virtual-servers/virtual-network.ts';
import { replyOf, speechOf, virtualService } from './virtual-service.ts';

/** It loads in real time. */
beforeAll(loadResampler);

const SPEECH = {
  always: undefined,
  rateHz: 8_000,
  rateStated: 'type',
  wav: 'exact',
  letterMs: 60,
  failing: 0,
} as const;

function speechServer(accepts: readonly ('wav' | 'pcm')[], wording: 'list' | 'bare'): SpeechServer {
  return new SpeechServer(new Dice(1), { ...SPEECH, accepts, wording });
}

function events(text: string, ...ends: readonly string[]): WireResponse {
  const chunk = JSON.stringify({ choices: [{ index: 0, delta: { content: text }, finish_reason: null }] });
  const body = [chunk, ...ends].map((one) => `data: ${one}\n\n`).join('');
  return textResponse('reply', 'good', { body, type: 'text/event-stream' });
}

describe('a speech server', () => {
  test('is not asked twice for a refused format by two sentences at the same time', async () => {
    const { network, voice, finished } = virtualService(speechServer(['pcm'], 'list').serve);
    const lengths = await finished(Promise.all(['Yes.', 'No.'].map((text) => speechOf(voice, text))));
    expect(lengths).toEqual([240, 180]);
    expect(network.exchanges.map(({ response }) => response.name)).toEqual([
      'refuses format wav',
      'speech',
      'speech',
    ]);
  });

  test('that is slow with the first sentence makes the second one wait for 2 s at most', async () => {
    const slow: VirtualServer = async (request) => {
      const response = await speechServer(['wav'], 'list').serve(request);
      return { ...response, afterMs: 5_000 };
    };
    const { network, voice, finished } = virtualService(slow);
    await finished(Promise.all(['Yes.', 'No.'].map((text) => speechOf(voice, text))));
    expect(network.exchanges.map(({ atMs }) => atMs)).toEqual([0, 2_000]);
  });

  test('keeps its only format after one damaged response, and is asked for it again at once', async () => {
    let isDamaged = true;
    const server = speechServer(['wav'], 'bare');
    const damaging: VirtualServer = async (request) => {
      const response = await server.serve(request);
      if (response.verdict !== 'good' || !isDamaged) return response;
      isDamaged = false;
      const gzip = new Uint8Array(2_000).fill(7);
      gzip.set([0x1f, 0x8b, 8, 0]);
      return { ...response, verdict: 'bad', parts: [[0, gzip]] };
    };
    const { network, profiles, voice, finished } = virtualService(damaging);
    expect(await finished(speechOf(voice, 'Yes.'))).toBe(240);
    expect(await finished(speechOf(voice, 'No.'))).toBe(180);
    const refused = network.exchanges.flatMap(({ response }) => response.refuses ?? []);
    expect(refused).toEqual(['format pcm', 'format mp3', 'format flac', 'format opus', 'no format']);
    expect(profiles.entries[0]?.profile.refusedFormats).not.toContain('wav');
  });
});

describe('a speech server that refuses with 500', () => {
  test('keeps its only format after one damaged response, and speaks the next sentence', async () => {
    const server = new SpeechServer(new Dice(1), {
      ...SPEECH,
      accepts: ['wav'],
      wording: 'as a server error',
    });
    let isDamaged = true;
    const damaging: VirtualServer = async (request) => {
      const response = await server.serve(request);
      if (response.verdict !== 'good' || !isDamaged) return response;
      isDamaged = false;
      return {
        ...response,
        verdict: 'bad',
        parts: [[0, Buffer.from('\x1f\x8b'.padEnd(2_000, 'x'), 'latin1')]],
      };
    };
    const { network, voice, finished } = virtualService(damaging);
    await finished(speechOf(voice, 'Yes.'));
    expect(await finished(speechOf(voice, 'No.'))).toBe(180);
    const refused = network.exchanges.flatMap(({ response }) => response.refuses ?? []);
    expect(refused).toHaveLength(new Set(refused).size);
  });
});

describe('a transcription server', () => {
  test('that fails after it refused fields is not asked with these fields again', async () => {
    const sent: string[][] = [];
    const failing: VirtualServer = ({ body }) => {
      const fields = ['language', 'response_format'].filter((name) => name in body);
      sent.push(fields);
      const [first] = fields;
      if (first !== undefined) return refusal(first, 400, { detail: 'Bad Request' });
      if (sent.length === 3)
        return textResponse('failure', 'bad', { status: 500, body: 'Internal Server Error' });
      return textResponse('text', 'good', { body: '{"text":"Hello."}', type: 'application/json' });
    };
    const { transcriber, finished } = virtualService(failing);
    const clip = new Uint8Array(100);
    const text = transcriber.transcribeClip(clip, 'wav', new AbortController().signal);
    expect(await finished(text)).toBe('Hello.');
    expect(sent).toEqual([['language', 'response_format'], ['response_format'], [], []]);
  });
});

describe('a chat server', () => {
  test.each([
    ['Llama 3', '{"name": "get_invoice", "parameters": {"number": "47}11"}}'],
    ['Hermes', '{"name": "get_invoice", "arguments": {"number": "4711"}}\n'],
    ['Mistral', '[{"name": "get_invoice", "arguments": {}}, {"name": "hang_up", "arguments": {}}]'],
    ["OpenAI's shape", '{"type": "function", "function": {"name": "get_invoice", "arguments": "{}"}}'],
    ['a code block', '```json\n{"name": "get_invoice", "arguments": {}}\n```'],
    ['a call that breaks off', '{"name": "get_invoice", "arguments": {"num'],
  ])('whose model writes a call of a tool as bare JSON has it removed: %s', async (_, call) => {
    const { replier, finished } = virtualService(() => events(`Let me see. ${call}`, '[DONE]'));
    expect(await finished(replyOf(replier('Be kind.'), 'Hello?'))).toMatch(/^Let me see\.\s*$/u);
  });

  test.each(['{"name": "Anna", "age": 7}', 'Press [1] or {2}.', '`code` and {braces}'])(
    'has other braces passed on: %s',
    async (text) => {
      const { replier, finished } = virtualService(() => events(text, '[DONE]'));
      expect(await finished(replyOf(replier('Be kind.'), 'Hello?'))).toBe(text);
    },
  );

  test('whose reply is a call of a tool alone has no words: asked once more, then a failure', async () => {
    const call = '{"name": "get_invoice", "arguments": {}}';
    const { network, replier, finished } = virtualService(() => events(call, '[DONE]'));
    const error = (await finished(replyOf(replier('Be kind.'), 'Hello?'))) as ServiceError;
    expect(error.details.code).toBe('no_words');
    expect(network.exchanges).toHaveLength(2);
  });

  test('whose reply ends in an emoji behind the full stop, without a finish reason, has said it all', async () => {
    const { replier, finished } = virtualService(() => events('Great, see you! 😊'));
    expect(await finished(replyOf(replier('Be kind.'), 'Bye!'))).toBe('Great, see you! 😊');
  });

  test('whose reply ends within a sentence, without a finish reason, has failed', async () => {
    const { replier, finished } = virtualService(() => events('Great, see'));
    const error = (await finished(replyOf(replier('Be kind.'), 'Bye!'))) as ServiceError;
    expect(error.details.code).toBe('incomplete_reply');
  });

  test('that refuses the instructions for their length is not sent a cut-off question', async () => {
    const questions: string[] = [];
    const tooLong: VirtualServer = ({ body }) => {
      questions.push((body['messages'] as { content: string }[]).at(-1)!.content);
      const message =
        "This model's maximum context length is 2048 tokens. However, you requested 5000 tokens.";
      return refusal('length', 400, { error: { message, code: 'context_length_exceeded' } });
    };
    const { replier, finished } = virtualService(tooLong);
    const error = (await finished(
      replyOf(replier('Be kind. '.repeat(900)), 'Are you open?'),
    )) as ServiceError;
    expect(error.details).toMatchObject({ status: 400, code: 'instructions_too_long' });
    expect(error.details.said).toContain("the instructions and the caller's last words");
    expect(new Set(questions)).toEqual(new Set(['Are you open?']));
  });

  test('that refuses without a reason is not sent the same request again', async () => {
    const bodies: string[] = [];
    const bare: VirtualServer = ({ body }) => {
      bodies.push(JSON.stringify(body));
      return refusal('all', 400, { error: { message: 'Bad Request' } });
    };
    const { replier, finished } = virtualService(bare);
    await finished(replyOf(replier('Be kind.'), 'Hello?'));
    expect(bodies).toHaveLength(new Set(bodies).size);
    expect(bodies.length).toBeGreaterThan(1);
  });
});
