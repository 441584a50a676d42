import { writeWav } from '../../../src/audio/wav/wav.ts';
import { createEncoder } from '../../../src/audio/formats/encoder.ts';
import { joinBytes } from '../../../src/audio/formats/join-bytes.ts';

/** How a server writes its WAV files: the length field, several files in one body, other chunks before the samples. */
export type WavKind = 'exact' | 'unknown length' | 'zero length' | 'too long' | 'several' | 'with a list';

const DATA_LENGTH_AT = 40;
const HEADER_BYTES = 44;

/** Speech as a server sends it. */
export function sentAudio(
  pcm: Int16Array,
  { format, rateHz, wav }: { format: 'wav' | 'pcm' | 'mp3'; rateHz: number; wav: WavKind },
): Promise<Uint8Array> | Uint8Array {
  if (format === 'pcm') return new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  if (format === 'mp3') return encodedMp3(pcm, rateHz);
  if (wav === 'several') {
    const middle = pcm.length >> 1;
    return Buffer.concat([writeWav(pcm.subarray(0, middle), rateHz), writeWav(pcm.slice(middle), rateHz)]);
  }
  return withHeader(writeWav(pcm, rateHz), wav);
}

async function encodedMp3(pcm: Int16Array, sampleRateHz: number): Promise<Uint8Array> {
  const settings = {
    sampleRateHz,
    channels: 1,
    totalFrames: pcm.length,
    mp3Bitrate: 64,
    mp3Engine: 'lamejs',
  } as const;
  const encoder = await createEncoder('mp3', settings);
  const begun = encoder.encode(pcm);
  const { tail, patches } = encoder.finish();
  const file = joinBytes([begun, tail]);
  for (const { offset, bytes } of patches) file.set(bytes, offset);
  return file;
}

function withHeader(file: Uint8Array, wav: WavKind): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset);
  if (wav === 'with a list') {
    const list = Buffer.from('LIST\x0e\0\0\0INFOISFT\x02\0\0\0x\0', 'latin1');
    return Buffer.concat([file.subarray(0, HEADER_BYTES - 8), list, file.subarray(HEADER_BYTES - 8)]);
  }
  const length = { 'unknown length': 0xffff_ffff, 'zero length': 0, 'too long': 0x7fff_ffff - 36 }[
    wav as string
  ];
  if (length !== undefined) {
    view.setUint32(DATA_LENGTH_AT, length, true);
    view.setUint32(4, length === 0 ? 36 : length, true);
  }
  return file;
}
