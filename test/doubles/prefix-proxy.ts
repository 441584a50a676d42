import { createServer, request as send, type IncomingMessage, type RequestOptions } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface PrefixProxy {
  /** As http://127.0.0.1:40123/offhook, without a slash at the end. */
  readonly url: string;
  /** Paths that were asked for outside the prefix. */
  readonly strayed: readonly string[];
  leadTo(port: number): void;
  /** From now on, as a proxy without the lines for WebSockets. */
  refuseUpgrades(): void;
  close(): Promise<void>;
}

/** As nginx with `location /offhook/ { proxy_pass http://127.0.0.1:PORT/; }`: removes the prefix, passes `Host` and upgrades. */
export async function startPrefixProxy(prefix: string): Promise<PrefixProxy> {
  let port = 0;
  let passesUpgrades = true;
  const strayed: string[] = [];
  const sockets = new Set<Socket>();
  const target = ({ method, url = '', headers }: IncomingMessage): RequestOptions | undefined => {
    if (!url.startsWith(`${prefix}/`)) {
      strayed.push(url);
      return undefined;
    }
    const forwarded = { ...headers, 'x-forwarded-proto': 'http' };
    return {
      host: '127.0.0.1',
      port,
      method,
      path: url.slice(prefix.length),
      headers: forwarded,
      agent: false,
    };
  };
  const server = createServer((incoming, answer) => {
    const options = target(incoming);
    if (!options) {
      answer.writeHead(404).end();
      return;
    }
    const outgoing = send(options, (response) => {
      answer.writeHead(response.statusCode!, response.headers);
      response.pipe(answer);
    });
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  });
  server.on('upgrade', (incoming, client: Socket) => {
    const options = target(incoming);
    if (!options) {
      client.destroy();
      return;
    }
    if (!passesUpgrades) {
      client.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      return;
    }
    const outgoing = send(options);
    outgoing.on('upgrade', (response, upstream, head: Buffer) => {
      const lines = Object.entries(response.headers).map(([name, value]) => `${name}: ${String(value)}`);
      client.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
      client.write(head);
      upstream.pipe(client).pipe(upstream);
      for (const socket of [client, upstream])
        socket.on('error', () => {
          client.destroy();
          upstream.destroy();
        });
      sockets.add(client).add(upstream);
    });
    outgoing.on('response', ({ statusCode }) => client.end(`HTTP/1.1 ${statusCode} Refused\r\n\r\n`));
    outgoing.on('error', () => client.destroy());
    outgoing.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    strayed,
    leadTo: (wanted) => (port = wanted),
    refuseUpgrades: () => (passesUpgrades = false),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
