import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A relay to a real Redis, which says that it is an older one. */
export interface OldRedis {
  readonly url: string;
  /** What the server says from now on, as long as the real version: `5.0.14`. */
  version: string;
  close(): void;
}

export async function startOldRedis(port: number, realVersion: string, version: string): Promise<OldRedis> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => (client.destroy(), upstream.destroy()));
    }
    client.pipe(upstream);
    upstream.on('data', (bytes: Buffer) => {
      const text = bytes.toString('latin1');
      const older = text.replace(`redis_version:${realVersion}`, `redis_version:${old.version}`);
      client.write(Buffer.from(older, 'latin1'));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const old = {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    // The length of the answer stays the same.
    version: version.padEnd(realVersion.length, '0').slice(0, realVersion.length),
    close: (): void => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
  return old;
}
