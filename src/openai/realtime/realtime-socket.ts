import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type ClientOptions, WebSocket } from 'ws';
import type { ServiceError } from '../../call/ports.ts';
import { tunnelThrough } from '../../proxy/proxy-agent.ts';
import type { ServiceSettings } from '../../settings/settings.ts';
import type { RealtimeFailures } from './realtime-failure.ts';

/** A second of μ-law is 11 kB of base64. A longer message of the server ends the connection. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
/** A page that refuses the handshake may be long; its beginning tells enough. */
const MAX_REFUSAL_BYTES = 16 * 1024;
/** Messages that the network has not taken, over a minute of μ-law; a server that does not read is not written to any more. */
const MAX_UNSENT_BYTES = 1024 * 1024;
/** A server that does not answer the closing handshake is not waited for. */
const CLOSE_WITHIN_MS = 1_000;

export interface SocketListener {
  opened(): void;
  message(text: string): void;
  /** A binary message, which the protocol does not have. */
  binary(): void;
  /** The socket is closed, or was never opened. Called once. */
  closed(error: ServiceError): void;
}

/** A WebSocket to a Realtime server, through the configured proxy. */
export class RealtimeSocket {
  readonly #socket: WebSocket;
  readonly #failures: RealtimeFailures;
  readonly #listener: SocketListener;
  #tcp: Socket | undefined;
  #isAlive = true;
  #closed = false;

  /** `search`: of the address, beside what the settings have. */
  constructor(
    settings: ServiceSettings,
    search: Readonly<Record<string, string>>,
    failures: RealtimeFailures,
    listener: SocketListener,
  ) {
    this.#failures = failures;
    this.#listener = listener;
    // Its types do not have `closeTimeout` yet.
    const options: ClientOptions & { readonly closeTimeout: number } = {
      headers: credentials(settings),
      agent: tunnelThrough(settings.proxy),
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
      closeTimeout: CLOSE_WITHIN_MS,
    };
    this.#socket = new WebSocket(realtimeAddress(settings, search), options);
    this.#listen();
  }

  send(message: string): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#socket.bufferedAmount > MAX_UNSENT_BYTES)
      return this.end(this.#failures.of('it does not read'));
    this.#socket.send(message);
  }

  /** Asks the server for a sign of life. Returns false if it has not answered the last time. */
  ping(): boolean {
    const wasAlive = this.#isAlive;
    this.#isAlive = false;
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping();
    return wasAlive;
  }

  /** An idle connection does not keep the process alive; one that is in use does. */
  keepProcess(inUse: boolean): void {
    if (inUse) this.#tcp?.ref();
    else this.#tcp?.unref();
  }

  /** Closes the connection; `closed` is called with `error`. */
  end(error: ServiceError): void {
    this.#end(error);
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(1000);
    else this.#socket.terminate();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('upgrade', ({ socket: tcp }) => (this.#tcp = tcp));
    socket.on('open', () => this.#listener.opened());
    socket.on('pong', () => (this.#isAlive = true));
    socket.on('message', (data: Buffer, isBinary) => {
      this.#isAlive = true;
      if (this.#closed) return;
      if (isBinary) this.#listener.binary();
      else this.#listener.message(data.toString('utf8'));
    });
    socket.on('unexpected-response', (request, response) => {
      void beginningOf(response).then((body) => {
        request.destroy();
        this.#end(this.#failures.refused(response.statusCode ?? 0, body));
      });
    });
    socket.on('error', (error) => this.#end(this.#failures.network(error)));
    socket.on('close', (code, reason) => {
      const why = reason.length > 0 ? `: ${reason.toString('utf8')}` : '';
      this.#end(
        this.#failures.of(`the connection was closed (${code}${why})`, { code: 'connection_closed' }),
      );
    });
  }

  #end(error: ServiceError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listener.closed(error);
  }
}

/** `wss://api.openai.com/v1/realtime?model=…` for `https://api.openai.com/v1`. */
function realtimeAddress(
  { baseUrl, query }: ServiceSettings,
  search: Readonly<Record<string, string>>,
): string {
  const parameters = new URLSearchParams({ ...query, ...search }).toString();
  return `${baseUrl.replace(/^http/u, 'ws')}/realtime?${parameters}`;
}

/** Without `OpenAI-Beta`: that header selects the interface of before general availability, which ended. */
function credentials({ apiKey, keyHeader }: ServiceSettings): Record<string, string> {
  if (apiKey === undefined) return {};
  return keyHeader ? { [keyHeader]: apiKey } : { authorization: `Bearer ${apiKey}` };
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const bytes of response) {
      text += String(bytes);
      if (text.length > MAX_REFUSAL_BYTES) break;
    }
  } catch {
    // What arrived says enough.
  }
  return text;
}
