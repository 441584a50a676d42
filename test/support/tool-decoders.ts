import { readFileSync } from 'node:fs';
import { writeWav } from '../../src/audio/wav/wav.ts';
import { runTool } from './run-tool.ts';

/** Other people's decoders. Each gives the interleaved 16-bit samples of a sound file and throws on any complaint. */
export type Decoder = (file: string) => Int16Array;

export const ffmpegDecode: Decoder = (file) => {
  const { stdout, stderr } = runTool('ffmpeg', ['-v', 'error', '-i', file, '-f', 's16le', '-']);
  if (stderr !== '') throw new Error(`ffmpeg complains: ${stderr}`);
  return samplesOf(stdout);
};

/** Any clip as a WAV file of the telephone's rate. */
export function ffmpegDecoded(clip: Uint8Array): Uint8Array {
  const to = ['-ac', '1', '-ar', '8000', '-f', 's16le', '-'];
  const { stdout } = runTool('ffmpeg', ['-v', 'error', '-i', 'pipe:0', ...to], clip);
  return writeWav(samplesOf(stdout), 8_000);
}

/** Without dither, which sox adds when it comes from floats. */
export const soxDecode: Decoder = (file) => {
  const { stdout, stderr } = runTool('sox', ['-D', file, '-t', 'raw', '-e', 'signed', '-b', '16', '-L', '-']);
  if (stderr !== '') throw new Error(`sox complains: ${stderr}`);
  return samplesOf(stdout);
};

/** Verifies the frames' and the whole file's checksums; a warning counts as a failure. */
export const flacDecode: Decoder = (file) => {
  runTool('flac', ['-t', '-w', '-s', file]);
  return samplesOf(
    runTool('flac', ['-d', '-c', '-s', '--force-raw-format', '--endian=little', '--sign=signed', file])
      .stdout,
  );
};

export const oggdecDecode: Decoder = (file) => {
  const info = runTool('ogginfo', [file]).stdout.toString();
  if (/warn|error/i.test(info)) throw new Error(`ogginfo complains: ${info}`);
  return samplesOf(runTool('oggdec', ['-Q', '-R', '-o', '-', file]).stdout);
};

export const lameDecode: Decoder = (file) => {
  const raw = `${file}.raw`;
  runTool('lame', ['--quiet', '--decode', '-t', file, raw]);
  return samplesOf(readFileSync(raw));
};

function samplesOf(bytes: Buffer): Int16Array {
  return new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~1)));
}
