import type { EventLoopScheduler } from './event-loop-scheduler.ts';

/** Bytes of base64 that are decoded at once; a multiple of four, so that each piece can be decoded separately. */
const PIECE_BYTES = 64 * 1024;
const MAX_ENVELOPE_BYTES = 128;
const BEFORE = [/^\s*\{\s*"type"\s*:\s*"audio"\s*,\s*"audio"\s*:\s*"/u, /^\s*\{\s*"audio"\s*:\s*"/u];
const AFTER = [/"\s*\}\s*$/u, /"\s*,\s*"type"\s*:\s*"audio"\s*\}\s*$/u];

/**
 * Decodes `{"type":"audio","audio":"<base64>"}` of many MiB in pieces: decoding it at once would block the event loop for longer
 * than a frame of a call. Undefined if it is another message.
 */
export async function readLargeMessage(
  message: Buffer,
  turns: EventLoopScheduler,
): Promise<Uint8Array | undefined> {
  const base64 = base64Within(message);
  if (!base64) return undefined;
  const bytes = Buffer.allocUnsafe(Math.ceil((base64.length * 3) / 4));
  let length = 0;
  for (let at = 0; at < base64.length; at += PIECE_BYTES) {
    await turns.next();
    const text = base64.toString('latin1', at, at + PIECE_BYTES);
    const written = bytes.write(text, length, 'base64');
    // The decoder skips invalid characters, which makes the result shorter.
    if (written !== lengthOf(text, at + PIECE_BYTES >= base64.length)) return undefined;
    length += written;
  }
  return bytes.subarray(0, length);
}

function base64Within(message: Buffer): Buffer | undefined {
  const head = message.toString('latin1', 0, MAX_ENVELOPE_BYTES);
  const tail = message.toString('latin1', Math.max(0, message.length - MAX_ENVELOPE_BYTES));
  for (const [order, pattern] of BEFORE.entries()) {
    const before = pattern.exec(head)?.[0].length;
    const after = AFTER[order]!.exec(tail)?.[0].length;
    if (before !== undefined && after !== undefined) return message.subarray(before, message.length - after);
  }
  return undefined;
}

/** The decoded length; -1 if there is padding before the end. */
function lengthOf(text: string, last: boolean): number {
  const padding = /={0,2}$/u.exec(text)![0].length;
  if (text.length % 4 !== 0 || (padding > 0 && !last)) return -1;
  return (text.length / 4) * 3 - padding;
}
