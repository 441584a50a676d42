import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request as it came over the wire. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Buffer;
  readonly contentType: string;
}

export type Answer = (response: ServerResponse, asked: Asked) => void | Promise<void>;

/** A server on this machine that gives each request the next answer of its script, and remembers what was asked. */
export class ScriptedServer {
  readonly asked: Asked[] = [];
  readonly #answers: Answer[];
  readonly #server: Server;
  #connections = 0;
  #rule: ((asked: Asked) => Answer) | undefined;

  private constructor(answers: Answer[]) {
    this.#answers = answers;
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on('connection', () => this.#connections++);
  }

  static async start(...answers: Answer[]): Promise<ScriptedServer> {
    const server = new ScriptedServer(answers);
    await new Promise<void>((listening) => server.#server.listen(0, '127.0.0.1', listening));
    return server;
  }

  /** A server that answers every request by a rule. */
  static async ruled(rule: (asked: Asked) => Answer): Promise<ScriptedServer> {
    const server = await ScriptedServer.start();
    server.#rule = rule;
    return server;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  get connections(): number {
    return this.#connections;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const asked = {
      method,
      path: url,
      authorization: headers.authorization,
      contentType: headers['content-type'] ?? '',
      body: await buffer(request),
    };
    this.asked.push(asked);
    const answer = this.#rule?.(asked) ?? this.#answers.shift();
    if (answer === undefined) response.writeHead(501).end('the script is over');
    else await answer(response, asked);
  }
}

export function json(status: number, body: object): Answer {
  return (response) => {
    // The package then asks again at once: no test waits for its pauses.
    const headers = { 'content-type': 'application/json', 'retry-after-ms': '1' };
    response.writeHead(status, headers).end(JSON.stringify(body));
  };
}

export function failing(status: number, error: object = {}): Answer {
  return json(status, { error: { message: 'no', ...error } });
}

/** Chat pieces as server-sent events, then whatever `end` does with the open answer. */
export function chatPieces(
  pieces: readonly string[],
  end: (response: ServerResponse) => void = (response) => response.end('data: [DONE]\n\n'),
): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const events = [
      ...pieces.map((content) => ({ choices: [{ index: 0, delta: { content } }] })),
      { choices: [], usage: { total_tokens: 1 } },
    ];
    for (const event of events) response.write(`data: ${JSON.stringify(event)}\n\n`);
    end(response);
  };
}

export function bytes(parts: readonly Uint8Array[], contentType = 'audio/pcm'): Answer {
  return async (response) => {
    response.writeHead(200, { 'content-type': contentType });
    for (const part of parts) {
      response.write(part);
      // Each part becomes a piece of its own on the wire.
      await new Promise((flushed) => setImmediate(flushed));
    }
    response.end();
  };
}

/** Begins an answer and never ends it. */
export const stalling: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
};

/** Never answers at all. */
export const silent: Answer = () => {};
