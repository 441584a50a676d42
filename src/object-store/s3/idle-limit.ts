import type { Readable } from 'node:stream';

/** A store that stops in the middle of a file is given up after this. */
const IDLE_MS = 30_000;

/** A stream's bytes; rejects where the next ones do not come in time. */
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
