import { connect, createServer, type Server } from 'node:net';

/** A connection to a socket of this machine is accepted by the kernel, at once. */
const CONNECT_WITHIN_MS = 2_000;

/** `refused`: its process has ended. `absent`: there is no such socket. */
export type SocketState = 'open' | 'refused' | 'absent' | 'unknown';

const STATES: Readonly<Record<string, SocketState>> = {
  ECONNREFUSED: 'refused',
  ENOTSOCK: 'refused',
  ENOENT: 'absent',
  ENOTDIR: 'absent',
};

/**
 * Listens on a Unix socket, which shows that this process is alive. Rejects if the file system has no sockets, or has
 * some that cannot be connected to.
 */
export async function listenAt(path: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  server.unref();
  if ((await socketState(path)) === 'open') return server;
  server.close();
  throw new Error(`${path} is a socket that cannot be connected to`);
}

export function socketState(path: string): Promise<SocketState> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (state: SocketState): void => {
      socket.destroy();
      resolve(state);
    };
    socket.setTimeout(CONNECT_WITHIN_MS, () => end('unknown'));
    socket.once('connect', () => end('open'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(STATES[error.code ?? ''] ?? 'unknown'));
  });
}
