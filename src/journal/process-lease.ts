import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { errorCode, errorText } from '../storage/file-system-errors.ts';
import { listenAt, type SocketState, socketState } from '../storage/unix-socket.ts';
import { Heartbeat, HeartbeatWatch, readHeartbeat } from './heartbeat.ts';

/** A Unix socket's path may be no longer than this (sun_path holds 108 bytes on Linux, 104 elsewhere). */
const LONGEST_SOCKET_PATH = 100;
const BEING_OPENED_MS = 60_000;

/**
 * Shows other processes on the same directory that this one is alive: it listens on a socket there. The kernel closes the
 * socket when the process ends in any way, so a crashed process never looks alive, even if its pid is used again. In a
 * directory without sockets a heartbeat file names a socket in the temporary directory; processes that cannot reach that
 * one watch the file.
 */
export class ProcessLease {
  readonly id: string;
  readonly #folder: string;
  readonly #now: () => number;
  readonly #watch = new HeartbeatWatch();
  #server: Server | undefined;
  #heartbeat: Heartbeat | undefined;
  #refusal: string | undefined;

  /** `folder`: the directory of all processes' sockets. `now`: milliseconds of a clock that is never set. `id`: a UUID of this process. */
  constructor(folder: string, now = () => performance.now(), id: string = randomUUID()) {
    this.id = id;
    this.#folder = folder;
    this.#now = now;
  }

  /** Why the directory took no socket. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  async begin(): Promise<void> {
    try {
      this.#server = await listenAt(path.join(shortPath(this.#folder), this.id));
    } catch (error) {
      this.#refusal = errorCode(error) ?? errorText(error);
      const elsewhere = path.join(tmpdir(), `offhook-${this.id}`);
      this.#server = await listenAt(elsewhere).catch(() => undefined);
      this.#heartbeat = new Heartbeat(this.#pathOf(this.id), this.#server && elsewhere);
      this.#heartbeat.begin();
    }
  }

  /** Whether the process with this id is alive. If that is unknown it counts as alive, so that its calls are not claimed. */
  async isAlive(id: string): Promise<boolean> {
    if (id === this.id) return true;
    const heartbeat = readHeartbeat(this.#pathOf(id));
    if (!heartbeat) {
      const state = await this.#socketState(id);
      return state !== 'refused' && state !== 'absent';
    }
    const state = heartbeat.socket === undefined ? 'absent' : await socketState(heartbeat.socket);
    if (state === 'open') return true;
    return state !== 'refused' && this.#watch.isBeating(id, heartbeat, this.#now());
  }

  /** Removes the sockets of crashed processes. `atMs`: now. A socket that is being opened does not respond yet. */
  async tidy(atMs = Date.now()): Promise<void> {
    for (const id of readdirSync(this.#folder)) {
      const file = this.#pathOf(id);
      const madeAtMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? atMs;
      if (atMs - madeAtMs < BEING_OPENED_MS || (await this.isAlive(id))) continue;
      const elsewhere = readHeartbeat(file)?.socket;
      if (elsewhere !== undefined) rmSync(elsewhere, { force: true });
      rmSync(file, { force: true });
      this.#watch.forget(id);
    }
  }

  end(): void {
    this.#heartbeat?.end();
    this.#server?.close();
    if (this.#heartbeat) rmSync(this.#pathOf(this.id), { force: true });
  }

  async #socketState(id: string): Promise<SocketState> {
    try {
      return await socketState(path.join(shortPath(this.#folder), id));
    } catch {
      // There is no short path to the directory.
      return existsSync(this.#pathOf(id)) ? 'unknown' : 'absent';
    }
  }

  #pathOf(id: string): string {
    return path.join(this.#folder, id);
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
    if (errorCode(error) !== 'EEXIST') throw error;
    // In a directory that all users can write to, a link of that name could point anywhere.
    if (readlinkSync(link) !== folder)
      throw new Error(`${link} does not lead to ${folder}`, { cause: error });
  }
  return link;
}
