import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

const LOOPBACK = '127.0.0.1';

/** Where a server listens. */
export interface FrontTarget {
  readonly host: string;
  readonly port: number;
}

/** A way to the server that stays when the server is restarted, as a load balancer's: who comes meanwhile waits. */
export interface Front {
  readonly port: number;
  readonly baseUrl: string;
  /** From now on connections go there, in turn, once it is known. A port is one of this machine. */
  leadTo(...targets: Promise<number | FrontTarget>[]): void;
  close(): void;
}

/** `host`: the address of this machine at which it is reached. */
export async function openFront(first: number | FrontTarget, host = LOOPBACK): Promise<Front> {
  let targets: Promise<number | FrontTarget>[] = [Promise.resolve(first)];
  let connections = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    open.add(client);
    client.on('error', () => client.destroy());
    void targets[(connections += 1) % targets.length]!.then((to) => {
      const behind = typeof to === 'number' ? connect(to, LOOPBACK) : connect(to.port, to.host);
      open.add(behind);
      behind.on('error', () => client.destroy());
      behind.on('close', () => client.destroy());
      client.on('close', () => behind.destroy());
      client.pipe(behind).pipe(client);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    baseUrl: `http://${host}:${port}`,
    leadTo: (...to) => {
      targets = to;
    },
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
