import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';
import { tunnelThrough } from '../../../proxy/proxy-agent.ts';
import { fetchThrough } from '../../../proxy/proxy-fetch.ts';
import { requestFailure } from '../request-failure.ts';

const ANSWER_WITHIN_MS = 10_000;
const MAX_MESSAGE_BYTES = 1_024;

/** Listens in place of the server and answers one secret path, so that an address can be proved to lead here. */
export class AddressProbe {
  readonly #server: Server;
  readonly #path: string;

  private constructor(server: Server, path: string) {
    this.#server = server;
    this.#path = path;
  }

  /** Rejects if the port is not available. */
  static async listen(port: number, host: string): Promise<AddressProbe> {
    const path = `/offhook-setup-${randomBytes(12).toString('hex')}`;
    const server = createServer((request, response) => {
      const isOurs = request.url === path;
      response.writeHead(isOurs ? 200 : 404, { 'content-type': 'text/plain', connection: 'close' });
      response.end(isOurs ? path : 'offhook is being set up');
    });
    const sockets = new WebSocketServer({ server, path, maxPayload: MAX_MESSAGE_BYTES });
    sockets.on('connection', (socket) => {
      socket.on('error', () => undefined);
      socket.on('message', (data: Buffer) => socket.send(data.toString()));
    });
    // It repeats the errors of the server.
    sockets.on('error', () => undefined);
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
    return new AddressProbe(server, path);
  }

  /** Why the address does not lead to this process; undefined if it does, with WebSockets. */
  async problem(publicUrl: string, proxy: string | undefined): Promise<string | undefined> {
    const url = `${publicUrl.replace(/\/+$/, '')}${this.#path}`;
    return (await this.#pageProblem(url, proxy)) ?? (await socketProblem(url, this.#path, proxy));
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #pageProblem(url: string, proxy: string | undefined): Promise<string | undefined> {
    try {
      const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
      const response = await fetchThrough(proxy)(url, { signal, redirect: 'manual' });
      const text = await response.text();
      if (response.status === 200 && text === this.#path) return undefined;
      return `another server answers there (status ${response.status})`;
    } catch (error) {
      return requestFailure(error);
    }
  }
}

function socketProblem(
  url: string,
  expected: string,
  proxy: string | undefined,
): Promise<string | undefined> {
  const agent = tunnelThrough(proxy);
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { handshakeTimeout: ANSWER_WITHIN_MS, agent });
  return new Promise((resolve) => {
    const timer = setTimeout(
      () => done('WebSockets open there, but messages do not arrive'),
      ANSWER_WITHIN_MS,
    );
    const done = (problem: string | undefined): void => {
      clearTimeout(timer);
      socket.terminate();
      resolve(problem);
    };
    socket.on('open', () => socket.send(expected));
    socket.on('error', (error) => done(`WebSockets are not passed: ${requestFailure(error)}`));
    socket.on('message', (data: Buffer) =>
      done(data.toString() === expected ? undefined : 'WebSockets lead to another server'),
    );
  });
}
