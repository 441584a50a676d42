import type { HttpRequest, Send } from '../../../src/proxy/http-client.ts';
import type { VirtualClock } from '../../../src/simulator/virtual-clock.ts';

/** Bytes of a body, and when they are sent after those before them. */
export type BodyPart = readonly [afterMs: number, bytes: Uint8Array | string];

/** `good`: the client can use it. `bad`: a failure. `refused`: the shape of the request is not accepted. `stalls`: never ends. */
export type Verdict = 'good' | 'bad' | 'refused' | 'stalls';

/** What a server does with one request. */
export interface WireResponse {
  /** The behaviour, for reports. */
  readonly name: string;
  readonly verdict: Verdict;
  /** Until the headers. `Infinity`: never. */
  readonly afterMs: number;
  /** Undefined: the connection is refused. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly parts?: readonly BodyPart[];
  /** `breaks`: the connection is closed within the body. `stalls`: nothing follows. */
  readonly end?: 'complete' | 'breaks' | 'stalls';
  /** What of the request's shape was refused. */
  readonly refuses?: string;
  /** The reply begins with thoughts that no tag opens. */
  readonly thinksAloud?: boolean;
}

/** One request and its response. */
export interface Exchange {
  readonly service: string;
  readonly atMs: number;
  readonly response: WireResponse;
  /** `over`: the server has sent everything, or has closed the connection. `aborted`: the client left before. */
  state: 'open' | 'over' | 'aborted';
}

export interface WireRequest {
  readonly path: string;
  /** The JSON body, or the form without its file. */
  readonly body: Readonly<Record<string, unknown>>;
}

export type VirtualServer = (request: WireRequest) => WireResponse | Promise<WireResponse>;

/** A network in virtual time: reaches servers by their host name. */
export class VirtualNetwork {
  readonly exchanges: Exchange[] = [];
  readonly #clock: VirtualClock;
  readonly #servers: Readonly<Record<string, VirtualServer>>;
  readonly #unread = new Set<Promise<void>>();

  constructor(clock: VirtualClock, servers: Readonly<Record<string, VirtualServer>>) {
    this.#clock = clock;
    this.#servers = servers;
  }

  readonly send: Send = async (request) => {
    const { hostname } = new URL(request.origin);
    const server = this.#servers[hostname];
    if (!server) throw systemError('ENOTFOUND', `getaddrinfo ENOTFOUND ${hostname}`);
    const prepared = server({ path: request.path.replace(/^\/v1\//u, ''), body: bodyOf(request) });
    const response = prepared instanceof Promise ? await this.#counted(prepared) : prepared;
    const exchange: Exchange = { service: hostname, atMs: this.#clock.nowMs, response, state: 'open' };
    this.exchanges.push(exchange);
    const client = new Client(request.signal);
    await this.#wait(response.afterMs, client, exchange);
    const { status, headers } = response;
    if (status === undefined) {
      exchange.state = 'over';
      throw systemError('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:11434');
    }
    return new Response(this.#body(exchange, client), { status, headers: { ...headers } });
  };

  /** Resolves when the clients have dealt with everything that was sent: decoders work in real time. */
  async settled(): Promise<void> {
    while (this.#unread.size > 0) await Promise.all(this.#unread);
  }

  /** Work in real time, which the virtual time waits for. */
  #counted<T>(work: Promise<T>): Promise<T> {
    const settled = work.then(() => void this.#unread.delete(settled));
    this.#unread.add(settled);
    return work;
  }

  #body(exchange: Exchange, client: Client): ReadableStream<Uint8Array> {
    const { parts = [], end = 'complete' } = exchange.response;
    const left = [...parts];
    let taken = (): void => {};
    client.whenGone(() => taken());
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          taken();
          const part = left.shift();
          try {
            await this.#wait(part?.[0] ?? (end === 'stalls' ? Infinity : 0), client, exchange);
          } catch (reason) {
            controller.error(reason);
            return;
          }
          if (part) {
            const unread = new Promise<void>((resolve) => (taken = resolve));
            this.#unread.add(unread);
            void unread.then(() => this.#unread.delete(unread));
            controller.enqueue(typeof part[1] === 'string' ? Buffer.from(part[1]) : part[1]);
            return;
          }
          exchange.state = 'over';
          if (end === 'complete') controller.close();
          else controller.error(systemError('UND_ERR_SOCKET', 'other side closed'));
        },
        cancel: () => {
          taken();
          if (exchange.state === 'open') exchange.state = left.length > 0 ? 'aborted' : 'over';
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Throws the signal's reason when it aborts. */
  async #wait(ms: number, client: Client, exchange: Exchange): Promise<void> {
    if (!client.signal.aborted && ms > 0) {
      await new Promise<void>((resolve) => {
        const cancel = ms === Infinity ? () => {} : this.#clock.timer(ms, resolve);
        client.whenGone(() => (cancel(), resolve()));
      });
    }
    if (!client.signal.aborted) return;
    if (exchange.state === 'open') exchange.state = 'aborted';
    throw client.signal.reason;
  }
}

/** The client of one exchange, with one listener for the end of its interest. */
class Client {
  readonly signal: AbortSignal;
  #actions: (() => void)[] = [];

  constructor(signal: AbortSignal) {
    this.signal = signal;
    signal.addEventListener('abort', () => this.#actions.forEach((action) => action()), { once: true });
  }

  whenGone(action: () => void): void {
    this.#actions.push(action);
  }
}

function bodyOf({ body }: HttpRequest): Record<string, unknown> {
  if (typeof body === 'string') return JSON.parse(body) as Record<string, unknown>;
  const form = Buffer.from(body ?? []).toString('latin1');
  return Object.fromEntries([...form.matchAll(FORM_FIELD)].map(([, name, value]) => [name!, value]));
}

/** A field of a form that is no file. */
const FORM_FIELD = /form-data; name="([^"]+)"\r\n\r\n(.*)\r\n/gu;

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
