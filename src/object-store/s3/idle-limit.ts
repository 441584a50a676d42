import type { Readable } from 'node:stream';

/** A download without data for this long fails. */
const IDLE_MS = 30_000;

/** The bytes of a stream; rejects if the next ones do not arrive in time. */
export async function* withIdleLimit(stream: Readable, idleMs = IDLE_MS): AsyncGenerator<Uint8Array> {
  const giveUp = (): void => void stream.destroy(new Error(`the store sent nothing for ${idleMs} ms`));
  let timer = setTimeout(giveUp, idleMs);
  try {
    for await (const bytes of stream as AsyncIterable<Uint8Array>) {
      clearTimeout(timer);
      yield bytes;
      timer = setTimeout(giveUp, idleMs);
    }
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
}
