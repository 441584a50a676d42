import { joinBytes } from './join-bytes.ts';

const HEADER_BYTES = 27;
const GRANULE = 6;
const SEQUENCE = 18;
const CRC = 22;
const SEGMENTS = 26;
/** Offset of the block size exponents in Vorbis's identification packet. */
const BLOCK_SIZES = 28;
const END_OF_STREAM = 4;
/** The first page holds the identification header, the second the comments and the codebooks. */
const HEADER_PAGES = 2;

/**
 * Rewrites an Ogg Vorbis stream page by page so that every reader gets the exact length: the granule position of the
 * last page is set to the length of the recording, and the first two audio packets get a separate page. Without that ffmpeg, which
 * computes the position of a page from the one before, does not trim a recording that fits one page (libVorbis's own
 * files have the same problem). Recordings of one Vorbis block (32 ms at 8 kHz) and rates above 16 kHz, where block
 * lengths vary, are passed on unchanged.
 */
export class OggPages {
  private readonly recording: { readonly frames: number };
  private pending: Uint8Array = new Uint8Array(0);
  private pagesIn = 0;
  private pagesOut = 0;
  private blockFrames = 0;

  /** `frames`: sample frames that were encoded so far; at the last page, all of them. */
  constructor(recording: { readonly frames: number }) {
    this.recording = recording;
  }

  /** Returns the pages that these bytes complete. */
  push(bytes: Uint8Array): Uint8Array {
    const all = this.pending.length === 0 ? bytes : joinBytes([this.pending, bytes]);
    const pages: Uint8Array[] = [];
    let at = 0;
    for (let length = pageBytes(all, at); length > 0; length = pageBytes(all, at)) {
      pages.push(...this.passed(all.slice(at, at + length)));
      at += length;
    }
    this.pending = all.slice(at);
    return joinBytes(pages);
  }

  private passed(page: Uint8Array): Uint8Array[] {
    if (this.pagesIn === 0) this.blockFrames = framesPerPacket(page);
    if ((page[5]! & END_OF_STREAM) !== 0) setGranule(page, this.recording.frames);
    const divisible = this.pagesIn === HEADER_PAGES && this.blockFrames < this.recording.frames;
    const pages = divisible ? withFirstPacketsApart(page, this.blockFrames) : [page];
    this.pagesIn++;
    return pages.map((one) => sealed(one, this.pagesOut++));
  }
}

/** The number of sample frames that each packet after the first adds, from the first page; Infinity if they vary. */
function framesPerPacket(page: Uint8Array): number {
  const blockSizes = page[HEADER_BYTES + page[SEGMENTS]! + BLOCK_SIZES]!;
  return blockSizes >> 4 === (blockSizes & 15) ? 2 ** (blockSizes & 15) / 2 : Infinity;
}

/** The length of the page at offset `at`; 0 if it is incomplete. */
function pageBytes(bytes: Uint8Array, at: number): number {
  const segments = bytes[at + SEGMENTS];
  if (segments === undefined || bytes.length < at + HEADER_BYTES + segments) return 0;
  let length = HEADER_BYTES + segments;
  for (let i = 0; i < segments; i++) length += bytes[at + HEADER_BYTES + i]!;
  return at + length <= bytes.length ? length : 0;
}

/**
 * Splits off the first two packets, which make the first `blockFrames` samples; returns the page itself if that is all.
 */
function withFirstPacketsApart(page: Uint8Array, blockFrames: number): Uint8Array[] {
  const segments = page[SEGMENTS]!;
  const lacing = page.subarray(HEADER_BYTES, HEADER_BYTES + segments);
  const endOfFirst = lacing.findIndex((length) => length < 255) + 1;
  const count = endOfFirst + lacing.subarray(endOfFirst).findIndex((length) => length < 255) + 1;
  if (endOfFirst === 0 || count === endOfFirst || count === segments) return [page];
  const body = page.subarray(HEADER_BYTES + segments);
  const bytes = lacing.subarray(0, count).reduce((sum, length) => sum + length, 0);
  const first = pageOf(page, lacing.subarray(0, count), body.subarray(0, bytes));
  const rest = pageOf(page, lacing.subarray(count), body.subarray(bytes));
  first[5] = first[5]! & ~END_OF_STREAM;
  setGranule(first, blockFrames);
  return [first, rest];
}

function pageOf(like: Uint8Array, lacing: Uint8Array, body: Uint8Array): Uint8Array {
  const page = joinBytes([like.subarray(0, HEADER_BYTES), lacing, body]);
  page[SEGMENTS] = lacing.length;
  return page;
}

function setGranule(page: Uint8Array, frames: number): void {
  viewOf(page).setBigInt64(GRANULE, BigInt(frames), true);
}

function sealed(page: Uint8Array, sequence: number): Uint8Array {
  const view = viewOf(page);
  view.setUint32(SEQUENCE, sequence, true);
  view.setUint32(CRC, 0, true);
  view.setUint32(CRC, oggCrc(page), true);
  return page;
}

function viewOf(page: Uint8Array): DataView {
  return new DataView(page.buffer, page.byteOffset, page.byteLength);
}

/** RFC 3533: polynomial 0x04c11db7, not reflected, initial value 0. */
const crcOfByte = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc >>> 0;
});

function oggCrc(bytes: Uint8Array): number {
  let crc = 0;
  for (let i = 0; i < bytes.length; i++) crc = (crc << 8) ^ crcOfByte[(crc >>> 24) ^ bytes[i]!]!;
  return crc >>> 0;
}
