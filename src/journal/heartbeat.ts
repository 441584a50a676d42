import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { errorCode } from '../storage/file-system-errors.ts';

const BEAT_EVERY_MS = 5_000;
/** A file that has not changed for this long is that of a process that has ended. */
const SILENT_FOR_MS = 60_000;
const DIGITS = 12;

/** What a heartbeat file says. */
export interface HeartbeatState {
  /** A socket of the same process in the temporary directory, which only processes on that machine can reach. */
  readonly socket?: string | undefined;
  readonly beat: number;
}

/**
 * A file whose content changes every few seconds while its process is alive, where a directory takes no sockets. The
 * content and not its date, because network file systems cache dates and have clocks of their own.
 */
export class Heartbeat {
  readonly #file: string;
  readonly #socket: string | undefined;
  #beat = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(file: string, socket: string | undefined) {
    this.#file = file;
    this.#socket = socket;
  }

  begin(): void {
    this.beat();
    this.#timer = setInterval(() => this.beat(), BEAT_EVERY_MS).unref();
  }

  /** A full or broken disk fails a beat; the next one tries again. */
  beat(): void {
    const beat = String((this.#beat += 1)).padStart(DIGITS, '0');
    try {
      // Always the same length: a reader sees the old or the new beat.
      const handle = this.#open();
      try {
        writeSync(handle, `${JSON.stringify({ socket: this.#socket, beat })}\n`, 0);
      } finally {
        closeSync(handle);
      }
    } catch {
      return;
    }
  }

  #open(): number {
    try {
      return openSync(this.#file, 'r+');
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      return openSync(this.#file, 'wx');
    }
  }

  end(): void {
    clearInterval(this.#timer);
  }
}

/** Undefined if a file is no heartbeat. */
export function readHeartbeat(file: string): HeartbeatState | undefined {
  try {
    const { socket, beat } = JSON.parse(readFileSync(file, 'utf8')) as { socket?: unknown; beat?: unknown };
    if (typeof beat !== 'string') return undefined;
    return { beat: Number(beat), socket: typeof socket === 'string' ? socket : undefined };
  } catch {
    return undefined;
  }
}

/** Watches the beats of other processes. Their clocks do not count, only how long we have seen no change. */
export class HeartbeatWatch {
  readonly #seen = new Map<string, { readonly beat: number; readonly sinceMs: number }>();

  /** A process that is seen for the first time counts as alive. `atMs`: of a clock that is never set. */
  isBeating(id: string, { beat }: HeartbeatState, atMs: number): boolean {
    const last = this.#seen.get(id);
    if (last?.beat === beat) return atMs - last.sinceMs < SILENT_FOR_MS;
    this.#seen.set(id, { beat, sinceMs: atMs });
    return true;
  }

  forget(id: string): void {
    this.#seen.delete(id);
  }
}
