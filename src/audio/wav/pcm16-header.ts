/** The length of the header of a 16-bit PCM file. */
export const PCM16_HEADER_BYTES = 44;

const BYTES_PER_SAMPLE = 2;

/** The header of a WAV file of 16-bit PCM with `dataBytes` of samples after it. Also used by the pages. */
export function pcm16Header(
  sampleRateHz: number,
  channels: number,
  dataBytes: number,
): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(PCM16_HEADER_BYTES));
  const frameBytes = channels * BYTES_PER_SAMPLE;
  writeText(view, 0, 'RIFF');
  view.setUint32(4, PCM16_HEADER_BYTES - 8 + dataBytes, true);
  writeText(view, 8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * frameBytes, true);
  view.setUint16(32, frameBytes, true);
  view.setUint16(34, 8 * BYTES_PER_SAMPLE, true);
  writeText(view, 36, 'data');
  view.setUint32(40, dataBytes, true);
  return new Uint8Array(view.buffer);
}

function writeText(view: DataView, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) view.setUint8(at + i, text.charCodeAt(i));
}
