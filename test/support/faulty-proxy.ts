import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';

/** A request as it came. `part`: its number, where it is a part of an upload. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly part?: number;
  readonly headers: IncomingMessage['headers'];
}

/**
 * `cut`: the connection breaks in mid-request. `mute`: it breaks when all is done, and before that is said. `stall`:
 * nothing answers. `corrupt`: one bit of the body is another.
 */
export type Fault =
  | 'cut'
  | 'mute'
  | 'stall'
  | 'corrupt'
  | { readonly status: number; readonly body?: string }
  | { readonly addHeaders: Readonly<Record<string, string>> };

/** Stands between a client and a server over real sockets, passes everything on, and does the harm it is told to. */
export class FaultyProxy {
  readonly seen: Seen[] = [];
  /** Asked for each request; undefined passes it on. */
  harm: (seen: Seen) => Fault | undefined = () => undefined;
  readonly #server: Server;
  #port: number | undefined;

  private constructor(port: number) {
    this.#port = port;
    this.#server = createServer((incoming, answer) => this.#take(incoming, answer));
  }

  static async start(port: number): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(port);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Undefined: connections are cut. */
  leadTo(port: number | undefined): void {
    this.#port = port;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take(incoming: IncomingMessage, answer: ServerResponse): void {
    const { method = '', url = '', headers } = incoming;
    const part = new URL(url, 'http://x').searchParams.get('partNumber');
    const seen = { method, url, headers, ...(part !== null && { part: Number(part) }) };
    this.seen.push(seen);
    const fault = this.harm(seen);
    if (fault === 'stall') return;
    if (this.#port === undefined) return void incoming.socket.destroy();
    if (fault === 'cut') return void incoming.once('data', () => incoming.socket.destroy());
    if (typeof fault === 'object' && 'status' in fault) {
      incoming.resume();
      return void answer.writeHead(fault.status, { connection: 'close' }).end(fault.body ?? '');
    }
    const onward = request({ host: '127.0.0.1', port: this.#port, method, path: url, headers }, (reply) => {
      if (fault === 'mute') return void reply.resume().once('end', () => incoming.socket.destroy());
      const added = typeof fault === 'object' ? fault.addHeaders : {};
      answer.writeHead(reply.statusCode ?? 502, { ...reply.headers, ...added });
      reply.pipe(answer);
    });
    onward.on('error', () => incoming.socket.destroy());
    incoming.pipe(fault === 'corrupt' ? oneBitOff() : passing()).pipe(onward);
  }
}

function passing(): Transform {
  return new Transform({ transform: (bytes, _, done) => done(null, bytes) });
}

function oneBitOff(): Transform {
  let done = false;
  return new Transform({
    transform(bytes: Buffer, _, next) {
      if (!done && bytes.length > 0) bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
      done = true;
      next(null, bytes);
    },
  });
}
