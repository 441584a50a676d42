import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A Unix socket's path may be no longer than this (sun_path holds 108 bytes on Linux, 104 elsewhere). */
const LONGEST_SOCKET_PATH = 100;
/** What connecting says where a process has ended, or left nothing. */
const NOBODY_THERE = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTSOCK']);
const BEING_OPENED_MS = 60_000;

/**
 * Says that this process lives, to every other one on the same folder: it listens on a socket there. The kernel closes
 * it with the process, however that ends, so that a dead process never looks alive, whatever pid comes after it.
 */
export class ProcessLease {
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

  /** Whether the process with this id lives. What cannot be found out counts as alive: nobody takes its calls then. */
  isAlive(id: string): Promise<boolean> {
    if (id === this.id) return Promise.resolve(true);
    return new Promise((resolve) => {
      const socket = connect(path.join(this.#folder, id));
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(!NOBODY_THERE.has(error.code ?? '')));
    });
  }

  /** Removes what dead processes left, `atMs` being now. A socket that is just being opened does not answer yet. */
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

/** The folder itself, or a link to it where its path is too long for a socket. */
function shortPath(folder: string): string {
  if (path.join(folder, randomUUID()).length <= LONGEST_SOCKET_PATH) return folder;
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const link = path.join(tmpdir(), `offhook-${name}`);
  try {
    symlinkSync(folder, link);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // Where everybody may write, a link of that name could lead anywhere.
    if (readlinkSync(link) !== folder)
      throw new Error(`${link} does not lead to ${folder}`, { cause: error });
  }
  return link;
}
