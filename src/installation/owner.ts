import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, rmSync, symlinkSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A Unix socket's path may be no longer than this (sun_path holds 108 bytes on Linux, 104 elsewhere). */
const LONGEST_SOCKET_PATH = 100;

/**
 * Says that this process lives, to every other one on the same folder: it listens on a socket there. The kernel closes
 * it with the process, however that ends, so that a dead process never looks alive, whatever pid comes after it.
 */
export class Owner {
  readonly id = randomUUID();
  readonly #folder: string;
  #server: Server | undefined;

  /** `folder`: where the sockets of all processes lie. */
  constructor(folder: string) {
    this.#folder = shortPath(folder);
  }

  async begin(): Promise<void> {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path.join(this.#folder, this.id), resolve);
    });
    server.unref();
    this.#server = server;
  }

  /** Whether the process with this id lives. */
  lives(id: string): Promise<boolean> {
    if (id === this.id) return Promise.resolve(true);
    return new Promise((resolve) => {
      const socket = connect(path.join(this.#folder, id));
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
  }

  /** Removes what dead processes left. */
  async tidy(): Promise<void> {
    for (const id of readdirSync(this.#folder)) {
      if (!(await this.lives(id))) rmSync(path.join(this.#folder, id), { force: true });
    }
  }

  end(): void {
    this.#server?.close();
  }
}

/** The folder itself, or a link to it where its path is too long for a socket. */
function shortPath(folder: string): string {
  if (path.join(folder, randomUUID()).length <= LONGEST_SOCKET_PATH) return folder;
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const link = path.join(tmpdir(), `offhook-${name}`);
  try {
    symlinkSync(folder, link);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return link;
}
