import { recordedSpeechOf } from '../src/simulator/fixtures/recorded-speech.ts';

export const FRAME_MS = 20;
const FRAME_BYTES = 160;
/** The caller speaks a sentence of about 2.5 s every 8 s; the greeting comes first. */
const ROUND_MS = 8_000;
const SPEAKS_AT_MS = 5_000;
const SENTENCE = 'caller-i-would-like-to-ask';

const TEXT = 0x1;
const PING = 0x9;
const PONG = 0xa;

/**
 * The caller's messages, generated once for all calls: each call sends the same ones at its own times. The mask is
 * zero, which RFC 6455 allows, so that masking costs nothing.
 */
export class PreparedFrames {
  readonly #sound: Uint8Array;
  readonly #made: Buffer[] = [];

  constructor() {
    this.#sound = roundOfSound();
  }

  /** The message that leaves `index` frames after the stream's start. */
  media(index: number): Buffer {
    return (this.#made[index] ??= this.#make(index));
  }

  #make(index: number): Buffer {
    const at = (index * FRAME_BYTES) % this.#sound.length;
    const payload = Buffer.from(this.#sound.subarray(at, at + FRAME_BYTES)).toString('base64');
    const media = {
      track: 'inbound',
      chunk: String(index + 1),
      timestamp: String(index * FRAME_MS),
      payload,
    };
    return textFrame({
      event: 'media',
      sequenceNumber: String(index + 2),
      media,
      streamSid: `MZ${'0'.repeat(32)}`,
    });
  }
}

export function textFrame(message: object): Buffer {
  return frame(TEXT, Buffer.from(JSON.stringify(message)));
}

/** It contains the time at which it was sent. */
export function pingFrame(nowMs: number): Buffer {
  const payload = Buffer.alloc(8);
  payload.writeDoubleLE(nowMs);
  return frame(PING, payload);
}

export function pongFrame(payload: Buffer): Buffer {
  return frame(PONG, payload);
}

function frame(opcode: number, payload: Buffer): Buffer {
  const short = payload.length < 126;
  const head = Buffer.alloc(short ? 6 : 8);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (short ? payload.length : 126);
  if (!short) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

function roundOfSound(): Uint8Array {
  const sound = new Uint8Array(ROUND_MS * 8);
  // The lowest noise level of μ-law, as on a quiet line.
  for (let at = 0; at < sound.length; at += 1) sound[at] = at % 3 === 0 ? 0x7e : at % 7 === 0 ? 0xfe : 0xff;
  sound.set(recordedSpeechOf(SENTENCE).mulaw.subarray(0, 2_800 * 8), SPEAKS_AT_MS * 8);
  return sound;
}
