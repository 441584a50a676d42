/** The header of a WAV file. */
export interface WavHeader {
  /** 16-bit integer samples in one channel, the only kind that this product requests or sends. */
  readonly plain: boolean;
  /** The format tag of the samples; for an extensible header that of its sub-format. */
  readonly formatTag: number;
  readonly channels: number;
  readonly bitsPerSample: number;
  /** Bytes of one frame: one sample of each channel. */
  readonly frameBytes: number;
  readonly sampleRateHz: number;
  /** The offset of the first sample. */
  readonly dataAt: number;
  /** The size of the samples. Infinity if unknown to the writer: programs that stream write 0 or a maximum. */
  readonly dataBytes: number;
}

/** Besides these any size beyond `LONGEST`, because a maximum is often written without the bytes of the header. */
const UNKNOWN_LENGTH = 0;
const LONGEST = 0x7fff0000;
/** In files of RF64 the size is in a chunk of its own, and the field has this. */
const SIZE_ELSEWHERE = 0xffffffff;
const PCM = 1;
const EXTENSIBLE = 0xfffe;
const NAMES = ['RIFF', 'RF64', 'BW64'];

export function startsLikeWav(bytes: Uint8Array): boolean {
  return NAMES.includes(nameAt(bytes, 0)) && nameAt(bytes, 8) === 'WAVE';
}

/** Parses the header at the beginning of a file; undefined if more bytes are needed. */
export function readWavHeader(bytes: Uint8Array): WavHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let format: Format | undefined;
  let longSize = Infinity;
  for (let at = 12; at + 8 <= bytes.length;) {
    const size = view.getUint32(at + 4, true);
    const name = nameAt(bytes, at);
    if (name === 'data') {
      const isKnown = size !== UNKNOWN_LENGTH && size < LONGEST;
      const dataBytes = isKnown ? size : size === SIZE_ELSEWHERE ? longSize : Infinity;
      return { ...(format ?? NO_FORMAT), dataAt: at + 8, dataBytes };
    }
    if (name === 'fmt ' && at + 24 <= bytes.length) format = readFormat(view, at + 8, size);
    if (name === 'ds64' && at + 24 <= bytes.length)
      longSize = Number(view.getBigUint64(at + 16, true)) || Infinity;
    at = nextChunk(bytes, at + 8 + size);
  }
  return undefined;
}

/** Chunks are padded to even lengths, but some programs forget it. */
function nextChunk(bytes: Uint8Array, end: number): number {
  if (end % 2 === 0 || ['data', 'fmt '].includes(nameAt(bytes, end))) return end;
  return end + 1;
}

type Format = Omit<WavHeader, 'dataAt' | 'dataBytes'>;

const NO_FORMAT: Format = {
  plain: false,
  formatTag: 0,
  channels: 0,
  bitsPerSample: 0,
  frameBytes: 0,
  sampleRateHz: 0,
};

function readFormat(view: DataView, at: number, size: number): Format {
  const tag = view.getUint16(at, true);
  const channels = view.getUint16(at + 2, true);
  const bitsPerSample = view.getUint16(at + 14, true);
  const frameBytes = view.getUint16(at + 12, true);
  const names = tag === EXTENSIBLE && size >= 40 && at + 26 <= view.byteLength;
  return {
    plain: (tag === PCM || tag === EXTENSIBLE) && channels === 1 && bitsPerSample === 16,
    formatTag: names ? view.getUint16(at + 24, true) : tag,
    channels,
    bitsPerSample,
    // Recorders that write no block size mean the only possible one.
    frameBytes: frameBytes === 0 ? Math.ceil(bitsPerSample / 8) * channels : frameBytes,
    sampleRateHz: view.getUint32(at + 4, true),
  };
}

function nameAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
