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
  /** Bytes per second of all channels; 0 if the file does not declare it. */
  readonly bytesPerSecond: number;
  /** The offset of the first sample. */
  readonly dataAt: number;
  /** The size of the samples. Infinity if unknown to the writer: servers that stream write 0 or the maximum. */
  readonly dataBytes: number;
}

const UNKNOWN_LENGTH = [0, 0x7fffffff, 0xffffffff];
const PCM = 1;
const EXTENSIBLE = 0xfffe;

export function startsLikeWav(bytes: Uint8Array): boolean {
  return nameAt(bytes, 0) === 'RIFF' && nameAt(bytes, 8) === 'WAVE';
}

/** Parses the header at the beginning of a file; undefined if more bytes are needed. */
export function readWavHeader(bytes: Uint8Array): WavHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let format: Format | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const size = view.getUint32(at + 4, true);
    if (nameAt(bytes, at) === 'data') {
      const dataBytes = UNKNOWN_LENGTH.includes(size) ? Infinity : size;
      return { ...(format ?? NO_FORMAT), dataAt: at + 8, dataBytes };
    }
    if (nameAt(bytes, at) === 'fmt ' && at + 24 <= bytes.length) format = readFormat(view, at + 8, size);
    // Chunks are padded to even lengths.
    at += 8 + size + (size % 2);
  }
  return undefined;
}

type Format = Omit<WavHeader, 'dataAt' | 'dataBytes'>;

const NO_FORMAT: Format = {
  plain: false,
  formatTag: 0,
  channels: 0,
  bitsPerSample: 0,
  frameBytes: 0,
  sampleRateHz: 0,
  bytesPerSecond: 0,
};

function readFormat(view: DataView, at: number, size: number): Format {
  const tag = view.getUint16(at, true);
  const channels = view.getUint16(at + 2, true);
  const bitsPerSample = view.getUint16(at + 14, true);
  const names = tag === EXTENSIBLE && size >= 40 && at + 26 <= view.byteLength;
  return {
    plain: (tag === PCM || tag === EXTENSIBLE) && channels === 1 && bitsPerSample === 16,
    formatTag: names ? view.getUint16(at + 24, true) : tag,
    channels,
    bitsPerSample,
    frameBytes: view.getUint16(at + 12, true),
    sampleRateHz: view.getUint32(at + 4, true),
    bytesPerSecond: view.getUint32(at + 8, true),
  };
}

function nameAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
