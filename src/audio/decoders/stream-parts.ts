/** Bytes of a compressed stream that belong to one file. */
export interface StreamPart {
  readonly bytes: Uint8Array;
  /** These bytes begin another file, which needs another decoder. */
  readonly isNextFile: boolean;
}

/** Divides a stream into the files that it has in a row. Bytes that are not complete are held back, and returned by `end`. */
export type StreamParts = FlacParts | OggParts;

const NOTHING = new Uint8Array(0);

/** "fLaC", an empty type byte of STREAMINFO and its length (RFC 9639). Samples do not contain them. */
const FLAC_START = Buffer.from('fLaC\0\0\0\x22', 'latin1');

export class FlacParts {
  #held: Uint8Array = NOTHING;

  read(bytes: Uint8Array): StreamPart[] {
    const all = Buffer.concat([this.#held, bytes]);
    const parts: StreamPart[] = [];
    let from = 0;
    for (let at = all.indexOf(FLAC_START, 1); at >= 0; at = all.indexOf(FLAC_START, at + 1)) {
      parts.push({ bytes: all.subarray(from, at), isNextFile: from > 0 });
      from = at;
    }
    // The start of a file could be cut by the end of these bytes.
    const end = Math.max(from, all.length - (FLAC_START.length - 1));
    parts.push({ bytes: all.subarray(from, end), isNextFile: from > 0 });
    this.#held = all.subarray(end);
    return parts;
  }

  end(): Uint8Array {
    return this.#held;
  }
}

/** A page of Ogg (RFC 3533): its capture pattern with the version, its type at byte 5, and the number of its segments at byte 26. */
const PAGE_START = Buffer.from('OggS\0', 'latin1');
const PAGE_HEADER_BYTES = 27;
const PAGE_TYPE = 5;
const PAGE_SEGMENTS = 26;
const BEGIN_OF_STREAM = 2;

/**
 * Whole pages of Ogg. Bytes between them are skipped, and a page that the end of the stream cuts is dropped: a decoder would take the
 * rest of it for sound.
 */
export class OggParts {
  #held: Buffer = Buffer.from(NOTHING);
  /** A page after the first ones was seen: several streams side by side begin with a page each. */
  #isWithinFile = false;

  read(bytes: Uint8Array): StreamPart[] {
    let rest = Buffer.concat([this.#held, bytes]);
    const parts: StreamPart[] = [];
    for (;;) {
      const at = rest.indexOf(PAGE_START);
      // The start of a page could be cut by the end of these bytes.
      rest = rest.subarray(at < 0 ? Math.max(0, rest.length - (PAGE_START.length - 1)) : at);
      const length = at < 0 ? undefined : pageBytes(rest);
      if (length === undefined || rest.length < length) break;
      const begins = (rest[PAGE_TYPE]! & BEGIN_OF_STREAM) !== 0;
      parts.push({ bytes: rest.subarray(0, length), isNextFile: begins && this.#isWithinFile });
      this.#isWithinFile = !begins;
      rest = rest.subarray(length);
    }
    this.#held = rest;
    return parts;
  }

  end(): Uint8Array {
    return NOTHING;
  }
}

/** The length of the page that begins here; undefined if more bytes are needed. At most 65,307 bytes. */
function pageBytes(page: Uint8Array): number | undefined {
  const segments = page[PAGE_SEGMENTS];
  if (segments === undefined || page.length < PAGE_HEADER_BYTES + segments) return undefined;
  const lengths = page.subarray(PAGE_HEADER_BYTES, PAGE_HEADER_BYTES + segments);
  return PAGE_HEADER_BYTES + segments + lengths.reduce((sum, length) => sum + length, 0);
}
