import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Relays TCP connections to a local port, and passes nothing on while it stalls: to its clients the server hangs. */
export interface StallingRelay {
  readonly port: number;
  stall(): void;
  goOn(): void;
  close(): Promise<void>;
}

export async function stallingRelay(target: number): Promise<StallingRelay> {
  const sockets = new Set<Socket>();
  let isStalled = false;
  const server = createServer((socket) => {
    const onward = connect(target, '127.0.0.1');
    for (const [each, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(each);
      each.on('error', () => undefined);
      each.on('data', (bytes) => other.write(bytes));
      each.on('close', () => {
        sockets.delete(each);
        other.destroy();
      });
      if (isStalled) each.pause();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stall: () => {
      isStalled = true;
      for (const each of sockets) each.pause();
    },
    goOn: () => {
      isStalled = false;
      for (const each of sockets) each.resume();
    },
    close: async () => {
      for (const each of sockets) each.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
