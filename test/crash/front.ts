import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to the server that stays when the server is restarted, as a load balancer's: who comes meanwhile waits. */
export interface Front {
  readonly baseUrl: string;
  /** From now on connections go there, once it is known. */
  leadTo(port: Promise<number>): void;
  close(): void;
}

export async function openFront(first: number): Promise<Front> {
  let target = Promise.resolve(first);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    open.add(client);
    client.on('error', () => client.destroy());
    void target.then((port) => {
      const behind = connect(port, '127.0.0.1');
      behind.on('error', () => client.destroy());
      behind.on('close', () => client.destroy());
      client.on('close', () => behind.destroy());
      client.pipe(behind).pipe(client);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo: (port) => {
      target = port;
    },
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
