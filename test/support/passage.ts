import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A port that leads to another one of this host, and measures the replies to each request. */
export class Passage implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #largestReplyBytes = 0;

  private constructor(to: number) {
    this.#server = createServer((client) => this.#connected(client, connect(to, '127.0.0.1')));
  }

  static async to(port: number): Promise<Passage> {
    const passage = new Passage(port);
    passage.#server.listen(0, '127.0.0.1');
    await once(passage.#server, 'listening');
    return passage;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The most that came between two parts of what the client sent. */
  get largestReplyBytes(): number {
    return this.#largestReplyBytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #connected(client: Socket, server: Socket): void {
    let replyBytes = 0;
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.on('data', (bytes) => {
      replyBytes = 0;
      server.write(bytes);
    });
    server.on('data', (bytes) => {
      replyBytes += bytes.length;
      this.#largestReplyBytes = Math.max(this.#largestReplyBytes, replyBytes);
      client.write(bytes);
    });
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
  }
}
