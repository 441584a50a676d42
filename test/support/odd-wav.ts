/** How a WAV file is written by a program that gets parts of the header wrong. */
export interface OddWav {
  readonly name?: 'RIFF' | 'RF64' | undefined;
  readonly riffBytes?: number | undefined;
  readonly sampleRateHz?: number | undefined;
  readonly channels?: number | undefined;
  readonly byteRate?: number | undefined;
  readonly frameBytes?: number | undefined;
  /** What the header says of the samples. */
  readonly dataBytes?: number | undefined;
  /** Chunks before the samples. */
  readonly before?: readonly Uint8Array[] | undefined;
  readonly after?: Uint8Array | undefined;
}

/** A WAV file of these 16-bit samples, interleaved, with an odd header. */
export function oddWav(pcm: Int16Array, odd: OddWav): Buffer {
  const { sampleRateHz = 48_000, channels = 1, before = [], after = new Uint8Array(0) } = odd;
  const samples = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  const format = Buffer.alloc(16);
  format.writeUInt16LE(1, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(sampleRateHz, 4);
  format.writeUInt32LE(odd.byteRate ?? 2 * channels * sampleRateHz, 8);
  format.writeUInt16LE(odd.frameBytes ?? 2 * channels, 12);
  format.writeUInt16LE(16, 14);
  const extra = Buffer.concat(before);
  const head = Buffer.concat([header('data', odd.dataBytes ?? samples.length)]);
  const ds64 = odd.name === 'RF64' ? chunk('ds64', sizes(samples.length)) : Buffer.alloc(0);
  const body = Buffer.concat([ds64, chunk('fmt ', format), extra, head, samples, after]);
  const riff = header(odd.name ?? 'RIFF', odd.riffBytes ?? body.length + 4);
  return Buffer.concat([riff, Buffer.from('WAVE'), body]);
}

export function chunk(name: string, content: Uint8Array): Buffer {
  return Buffer.concat([header(name, content.length), content, Buffer.alloc(content.length % 2)]);
}

function header(name: string, bytes: number): Buffer {
  const start = Buffer.alloc(8);
  start.write(name, 'latin1');
  start.writeUInt32LE(bytes, 4);
  return start;
}

function sizes(dataBytes: number): Buffer {
  const content = Buffer.alloc(28);
  content.writeBigUInt64LE(BigInt(dataBytes + 80), 0);
  content.writeBigUInt64LE(BigInt(dataBytes), 8);
  return content;
}
