import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { spokenText } from '../test/doubles/spoken-text.ts';

/** No two are alike: a caller who repeats one text counts as a machine. */
const heardText = (invoice: number): string => `I would like to ask about invoice ${invoice}, please.`;
const REPLY = 'Of course. Could you tell me the invoice number?';
const TRANSCRIPTION_MS = 150;
const FIRST_TOKEN_MS = 250;
const BETWEEN_TOKENS_MS = 15;
const FIRST_SOUND_MS = 150;
/** 200 ms of 16-bit sound at 24 kHz, generated ten times faster than real time. */
const CHUNK_BYTES = 9_600;
const BETWEEN_CHUNKS_MS = 20;

/** Fake services with prerecorded answers and almost no CPU cost. */
export async function startCheapServices(): Promise<{
  readonly url: string;
  readonly answered: () => number;
}> {
  const sounds = new Map<string, Buffer>();
  let answered = 0;
  let heard = 0;
  const server = createServer((request, response) => {
    void bodyOf(request).then(async (body) => {
      const { url = '' } = request;
      if (url.endsWith('/transcriptions')) {
        await pause(TRANSCRIPTION_MS);
        json(response, { text: heardText((heard += 1)) });
      } else if (url.endsWith('/speech')) {
        const { input } = JSON.parse(body.toString()) as { input: string };
        const sound = sounds.get(input) ?? soundOf(input);
        sounds.set(input, sound);
        await speak(response, sound);
      } else if (url.endsWith('/completions')) {
        const { stream } = JSON.parse(body.toString()) as { stream?: boolean };
        await pause(FIRST_TOKEN_MS);
        if (stream) await streamReply(response);
        else json(response, completion({ message: { role: 'assistant', content: REPLY } }));
        answered += 1;
      } else response.writeHead(404).end();
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    answered: () => answered,
  };
}

async function speak(response: ServerResponse, sound: Buffer): Promise<void> {
  await pause(FIRST_SOUND_MS);
  response.writeHead(200, { 'content-type': 'audio/pcm' });
  for (let at = 0; at < sound.length; at += CHUNK_BYTES) {
    response.write(sound.subarray(at, at + CHUNK_BYTES));
    await pause(BETWEEN_CHUNKS_MS);
  }
  response.end();
}

async function streamReply(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  for (const word of REPLY.match(/\S+\s*/gu) ?? []) {
    response.write(`data: ${JSON.stringify(completion({ delta: { content: word } }))}\n\n`);
    await pause(BETWEEN_TOKENS_MS);
  }
  response.write(`data: ${JSON.stringify(completion({ delta: {}, finish_reason: 'stop' }))}\n\n`);
  response.end('data: [DONE]\n\n');
}

function completion(choice: object): object {
  return {
    id: 'bench',
    object: 'chat.completion',
    created: 0,
    model: 'bench',
    choices: [{ index: 0, ...choice }],
  };
}

function json(response: ServerResponse, value: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function soundOf(text: string): Buffer {
  const pcm = spokenText(text, false);
  return Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
