import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { writeWav } from '../../src/audio/wav/wav.ts';

export interface ChatBody {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly stream?: boolean;
  readonly max_tokens?: number;
  readonly reasoning_effort?: string;
}

export interface SpeechBody {
  readonly input: string;
  readonly response_format?: string;
}

/** How one request is answered. */
export interface CompatibleResponse {
  readonly status?: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** A server that speaks OpenAI's protocol in its own way; what is not given answers as OpenAI does. */
export interface CompatibleBehaviour {
  readonly chat?: (body: ChatBody) => CompatibleResponse;
  readonly speech?: (body: SpeechBody) => CompatibleResponse;
  /** `fields`: of the form, without the file. */
  readonly transcription?: (fields: Readonly<Record<string, string>>) => CompatibleResponse;
  /** Undefined: 404. */
  readonly models?: readonly string[];
}

export const REPLY = 'We are open until six.';
export const SPEECH_HZ = 24_000;

/** 3 s of a tone of 440 Hz. */
export function tone(rateHz = SPEECH_HZ, seconds = 3): Int16Array {
  return Int16Array.from(
    { length: rateHz * seconds },
    (_, n) => 8_000 * Math.sin((2 * Math.PI * 440 * n) / rateHz),
  );
}

export function chunk(delta: object, finish: string | null = null): string {
  return JSON.stringify({
    ...{ id: 'c', object: 'chat.completion.chunk', model: 'm' },
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
}

export function events(...data: readonly string[]): CompatibleResponse {
  const body = [...data, '[DONE]'].map((one) => `data: ${one}\n\n`).join('');
  return { type: 'text/event-stream', body };
}

export function json(body: unknown, status = 200): CompatibleResponse {
  return { status, type: 'application/json', body: JSON.stringify(body) };
}

export function spoken(text = REPLY): CompatibleResponse {
  return events(...text.split(/(?<= )/u).map((content) => chunk({ content })), chunk({}, 'stop'));
}

const STANDARD = {
  chat: () => spoken(),
  speech: () => ({ type: 'audio/wav', body: writeWav(tone(), SPEECH_HZ) }),
  transcription: () => json({ text: 'Thank you for calling. How can I help you?' }),
} as const satisfies CompatibleBehaviour;

/** Serves one behaviour on a port of this machine and keeps what it was asked. */
export class CompatibleServer {
  readonly asked: { readonly route: string; readonly body: Readonly<Record<string, unknown>> }[] = [];
  readonly #server: Server;
  behaviour: CompatibleBehaviour;

  private constructor(behaviour: CompatibleBehaviour) {
    this.behaviour = behaviour;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(behaviour: CompatibleBehaviour = {}): Promise<CompatibleServer> {
    const server = new CompatibleServer(behaviour);
    await new Promise<void>((listening) => server.#server.listen(0, '127.0.0.1', listening));
    return server;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = (request.url ?? '').split('?')[0]!.replace(/^\/v1\//u, '');
    const bytes = await buffer(request);
    const {
      status = 200,
      type,
      headers,
      body,
    } = await this.#answer(route, bytes, request.headers['content-type'] ?? '');
    response.writeHead(status, { ...(type !== undefined && { 'content-type': type }), ...headers });
    response.end(body);
  }

  async #answer(route: string, bytes: Buffer, contentType: string): Promise<CompatibleResponse> {
    const {
      chat = STANDARD.chat,
      speech = STANDARD.speech,
      transcription = STANDARD.transcription,
      models,
    } = this.behaviour;
    if (route === 'audio/transcriptions') {
      const form = await new Response(new Uint8Array(bytes), {
        headers: { 'content-type': contentType },
      }).formData();
      const fields = Object.fromEntries(
        [...form].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
      );
      this.asked.push({ route, body: fields });
      return transcription(fields);
    }
    if (route === 'models' && models) return json({ object: 'list', data: models.map((id) => ({ id })) });
    if (route !== 'chat/completions' && route !== 'audio/speech') return json({ detail: 'Not Found' }, 404);
    const body = JSON.parse(bytes.toString()) as Record<string, unknown>;
    this.asked.push({ route, body });
    return route === 'audio/speech'
      ? speech(body as unknown as SpeechBody)
      : chat(body as unknown as ChatBody);
  }
}
