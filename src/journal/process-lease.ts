import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A Unix socket's path may be no longer than this (sun_path holds 108 bytes on Linux, 104 elsewhere). */
const LONGEST_SOCKET_PATH = 100;
/** The errors of connecting to a process that has ended. */
const NO_PROCESS = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTSOCK']);
const BEING_OPENED_MS = 60_000;

/**
 * Shows other processes on the same directory that this one is alive: it listens on a socket there. The kernel closes the
 * socket when the process ends in any way, so a crashed process never looks alive, even if its pid is used again.
 */
export class ProcessLease {
  readonly id = randomUUID();
  readonly #folder: string;
  #server: Server | undefined;

  /** `folder`: the directory of all processes' sockets. */
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

  /** Whether the process with this id is alive. If that is unknown it counts as alive, so that its calls are not claimed. */
  isAlive(id: string): Promise<boolean> {
    if (id === this.id) return Promise.resolve(true);
    return new Promise((resolve) => {
      const socket = connect(path.join(this.#folder, id));
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(!NO_PROCESS.has(error.code ?? '')));
    });
  }

  /** Removes the sockets of crashed processes. `atMs`: now. A socket that is being opened does not respond yet. */
  async tidy(atMs = Date.now()): Promise<void> {
    for (const id of readdirSync(this.#folder)) {
      const socket = path.join(this.#folder, id);
      const madeAtMs = statSync(socket, { throwIfNoEntry: false })?.mtimeMs ?? atMs;
      if (atMs - madeAtMs < BEING_OPENED_MS || (await this.isAlive(id))) continue;
      rmSync(socket, { force: true });
    }
  }

  end(): void {
    this.#server?.close();
  }
}

/** The directory itself, or a link to it if its path is too long for a socket. */
function shortPath(folder: string): string {
  if (path.join(folder, randomUUID()).length <= LONGEST_SOCKET_PATH) return folder;
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const link = path.join(tmpdir(), `offhook-${name}`);
  try {
    symlinkSync(folder, link);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // In a directory that all users can write to, a link of that name could point anywhere.
    if (readlinkSync(link) !== folder)
      throw new Error(`${link} does not lead to ${folder}`, { cause: error });
  }
  return link;
}
