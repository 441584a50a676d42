import { createServer, request as forwardRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface ProxyOptions {
  /** The port on this machine behind each name, as `llm.invalid`: names that only the proxy knows. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Whether CONNECT is allowed to ports other than 443. Default: false, as in Squid: `http_access deny CONNECT !SSL_ports`. */
  readonly tunnels?: boolean;
  /** `user:password` that it demands. */
  readonly login?: string;
}

export interface ProxyServer {
  readonly url: string;
  /** As `CONNECT llm.invalid:80` or `GET http://llm.invalid/v1/models`. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** An HTTP proxy (RFC 9110, sections 7.6 and 9.3.6): tunnels with CONNECT, and requests with a whole address. */
export async function startProxy({ hosts, tunnels = false, login }: ProxyOptions): Promise<ProxyServer> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const isAllowed = ({ headers }: IncomingMessage): boolean =>
    login === undefined ||
    headers['proxy-authorization'] === `Basic ${Buffer.from(decodeURIComponent(login)).toString('base64')}`;
  const portOf = (name: string): number | undefined => {
    const url = hosts[name];
    return url === undefined ? undefined : Number(new URL(url).port);
  };
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const { hostname, pathname, search } = new URL(request.url ?? '', 'http://none');
    const port = portOf(hostname);
    if (!isAllowed(request)) response.writeHead(407).end();
    else if (port === undefined) response.writeHead(502).end();
    else {
      const { method } = request;
      // Hop by hop: RFC 9110, sections 7.6.1 and 11.7.2.
      const {
        'proxy-authorization': _,
        'proxy-connection': __,
        connection: ___,
        ...headers
      } = request.headers;
      const options = { host: '127.0.0.1', port, method, headers, path: pathname + search, agent: false };
      const forwarded = forwardRequest(options, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      });
      forwarded.on('error', () => response.destroy());
      request.pipe(forwarded);
    }
  });
  server.on('connect', (request, client: Socket) => {
    requests.push(`CONNECT ${request.url}`);
    const port = portOf(request.url!.replace(/:\d+$/, ''));
    if (!isAllowed(request)) client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    else if (!tunnels && !request.url!.endsWith(':443')) client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    else if (port === undefined) client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    else {
      const target = connect(port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        target.pipe(client).pipe(target);
      });
      for (const socket of [client, target])
        socket.on('error', () => {
          client.destroy();
          target.destroy();
        });
      sockets.add(client).add(target);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://${login === undefined ? '' : `${login}@`}127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
