/** A frame of the caller: stream milliseconds and μ-law at 8,000 Hz. */
export interface MediaMessage {
  readonly kind: 'media';
  readonly timestampMs: number;
  readonly mulaw: Uint8Array;
}

/** A later timestamp (99 days) comes from a broken clock. */
export const MAX_TIMESTAMP_MS = 2 ** 33;

const HEAD = Buffer.from('{"event":"media",');
const MEDIA = Buffer.from('"media":{');
const SEQUENCE_NUMBER = Buffer.from('"sequenceNumber":"');
const STREAM_SID = Buffer.from('"streamSid":"');
const TRACK = Buffer.from('"track":"inbound"');
const CHUNK = Buffer.from('"chunk":"');
const TIMESTAMP = Buffer.from('"timestamp":"');
const PAYLOAD = Buffer.from('"payload":"');

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const CLOSING_BRACE = 0x7d;
const EQUALS = 0x3d;
const ZERO = 0x30;
const SPACE = 0x20;
const DEL = 0x7f;
const MAX_DIGITS = 15;

/** The six bits of each character of base64 (RFC 4648, section 4); -1 for all others. */
const SIX_BITS = new Int8Array(256).fill(-1);
Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/').forEach(
  (character, value) => {
    SIX_BITS[character] = value;
  },
);

/** Members that may occur once. */
const SEEN = { sequenceNumber: 1, streamSid: 2, media: 4, track: 8, chunk: 16, timestamp: 32, payload: 64 };
const NEEDED = SEEN.media | SEEN.timestamp | SEEN.payload;

/**
 * Reads a `media` message of the caller in the form in which Twilio sends it: `event` first, without spaces and escapes, with no
 * other than Twilio's members, in any order. Undefined for everything else, also for bad values: the general reader decides.
 */
export function readCommonMedia(bytes: Uint8Array): MediaMessage | undefined {
  return startsWith(bytes, 0, HEAD) ? new MediaScan(bytes).read() : undefined;
}

/** One pass over the bytes of a message. Its methods return false where the message has another form. */
class MediaScan {
  readonly #bytes: Uint8Array;
  #at = HEAD.length;
  #seen = 0;
  #timestampMs = 0;
  #mulaw: Uint8Array | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(): MediaMessage | undefined {
    do {
      if (!this.#outerMember()) return undefined;
    } while (this.#skip(COMMA));
    const isWhole = this.#skip(CLOSING_BRACE) && this.#at === this.#bytes.length;
    if (!isWhole || (this.#seen & NEEDED) !== NEEDED) return undefined;
    return { kind: 'media', timestampMs: this.#timestampMs, mulaw: this.#mulaw! };
  }

  #outerMember(): boolean {
    if (this.#member(SEQUENCE_NUMBER, SEEN.sequenceNumber)) return this.#text();
    if (this.#member(STREAM_SID, SEEN.streamSid)) return this.#text();
    return this.#member(MEDIA, SEEN.media) && this.#media();
  }

  /** The members of `media`, and the brace behind them. */
  #media(): boolean {
    do {
      if (!this.#mediaMember()) return false;
    } while (this.#skip(COMMA));
    return this.#skip(CLOSING_BRACE);
  }

  #mediaMember(): boolean {
    if (this.#member(TRACK, SEEN.track)) return true;
    if (this.#member(CHUNK, SEEN.chunk)) return this.#text();
    if (this.#member(TIMESTAMP, SEEN.timestamp)) return this.#timestamp();
    return this.#member(PAYLOAD, SEEN.payload) && this.#payload();
  }

  /** Whether the member begins here, for the first time. */
  #member(name: Uint8Array, bit: number): boolean {
    if ((this.#seen & bit) !== 0 || !startsWith(this.#bytes, this.#at, name)) return false;
    this.#seen |= bit;
    this.#at += name.length;
    return true;
  }

  #skip(character: number): boolean {
    if (this.#bytes[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  /** The rest of a string of ASCII characters without escapes, and the quote behind it. */
  #text(): boolean {
    const bytes = this.#bytes;
    let at = this.#at;
    for (; at < bytes.length; at += 1) {
      const character = bytes[at]!;
      if (character === QUOTE) break;
      if (character < SPACE || character >= DEL || character === BACKSLASH) return false;
    }
    this.#at = at;
    return this.#skip(QUOTE);
  }

  #timestamp(): boolean {
    const from = this.#at;
    let value = 0;
    for (let digit = this.#digit(); digit >= 0 && this.#at - from < MAX_DIGITS; digit = this.#digit()) {
      value = 10 * value + digit;
      this.#at += 1;
    }
    this.#timestampMs = value;
    return this.#at > from && value <= MAX_TIMESTAMP_MS && this.#skip(QUOTE);
  }

  #digit(): number {
    const value = (this.#bytes[this.#at] ?? 0) - ZERO;
    return value <= 9 ? value : -1;
  }

  #payload(): boolean {
    const end = this.#bytes.indexOf(QUOTE, this.#at);
    if (end < 0) return false;
    this.#mulaw = decodeBase64(this.#bytes, this.#at, end);
    this.#at = end + 1;
    return this.#mulaw !== undefined;
  }
}

function startsWith(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  if (at + expected.length > bytes.length) return false;
  for (let index = 0; index < expected.length; index += 1)
    if (bytes[at + index] !== expected[index]) return false;
  return true;
}

/** Undefined if it is empty or not base64 with its padding. */
function decodeBase64(bytes: Uint8Array, from: number, end: number): Uint8Array | undefined {
  const length = end - from;
  if (length === 0 || length % 4 !== 0) return undefined;
  const padding = bytes[end - 1] !== EQUALS ? 0 : bytes[end - 2] !== EQUALS ? 1 : 2;
  const whole = padding === 0 ? end : end - 4;
  const decoded = Buffer.allocUnsafe((length / 4) * 3 - padding);
  const table = SIX_BITS;
  let to = 0;
  let at = from;
  for (; at < whole; at += 4) {
    const bits =
      (table[bytes[at]!]! << 18) |
      (table[bytes[at + 1]!]! << 12) |
      (table[bytes[at + 2]!]! << 6) |
      table[bytes[at + 3]!]!;
    if (bits < 0) return undefined;
    decoded[to] = bits >> 16;
    decoded[to + 1] = bits >> 8;
    decoded[to + 2] = bits;
    to += 3;
  }
  if (padding === 0) return decoded;
  const third = padding === 2 ? 0 : table[bytes[at + 2]!]!;
  const bits = (table[bytes[at]!]! << 18) | (table[bytes[at + 1]!]! << 12) | (third << 6);
  if (bits < 0) return undefined;
  decoded[to] = bits >> 16;
  if (padding === 1) decoded[to + 1] = bits >> 8;
  return decoded;
}
