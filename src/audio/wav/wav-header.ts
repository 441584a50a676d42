/** What stands before the samples of a WAV file. */
export interface WavHeader {
  /** 16-bit integer samples in one channel, the only kind this product asks for or sends. */
  readonly plain: boolean;
  /** How samples are written, by the file's number for it; of an extensible header the one that it names. */
  readonly formatTag: number;
  readonly channels: number;
  readonly bitsPerSample: number;
  /** Of one sample of each channel together. */
  readonly frameBytes: number;
  readonly sampleRateHz: number;
  /** Of all channels together; 0 where the file does not say. */
  readonly bytesPerSecond: number;
  /** Where the samples begin. */
  readonly dataAt: number;
  /** Infinity where the writer did not know: servers that stream write 0 or the largest number there is. */
  readonly dataBytes: number;
}

const UNKNOWN_LENGTH = [0, 0x7fffffff, 0xffffffff];
const PCM = 1;
const EXTENSIBLE = 0xfffe;

export function startsLikeWav(bytes: Uint8Array): boolean {
  return nameAt(bytes, 0) === 'RIFF' && nameAt(bytes, 8) === 'WAVE';
}

/** Reads the header from the beginning of a file; undefined as long as more of it is needed. */
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
