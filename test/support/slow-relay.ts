import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

const SLOW_MS = 300;

export interface SlowRelay extends AsyncDisposable {
  readonly port: number;
}

/** Relays TCP connections to a local port. `isSlow`: whether nothing of a connection, counted from 0, is passed on for the first 300 ms. */
export async function slowRelay(target: number, isSlow: (connection: number) => boolean): Promise<SlowRelay> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    const pass = (): void => {
      const onward = connect(target, '127.0.0.1');
      sockets.add(onward);
      for (const each of [socket, onward]) each.on('error', () => undefined);
      socket.on('close', () => onward.destroy());
      onward.on('close', () => socket.destroy());
      socket.pipe(onward).pipe(socket);
    };
    sockets.add(socket);
    if (isSlow(connections++)) setTimeout(pass, SLOW_MS);
    else pass();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
