/** Generates speech with flite and sox as 8 kHz μ-law WAV files: trimmed, normalised, reproducible. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Mean level of speech in dBFS, without pauses. */
const SPEECH_DBFS = -20;
/** Maximum peak level, so that μ-law does not clip. */
const PEAK_DBFS = -1;

/**
 * Writes `text` spoken by flite's `voice` to `file`; returns its length in milliseconds.
 * `stretch` above 1 speaks more slowly.
 */
export function synthesise({ text, voice, stretch = 1, file }) {
  const directory = mkdtempSync(join(tmpdir(), 'offhook-speech-'));
  try {
    const spoken = join(directory, 'spoken.wav');
    const trimmed = join(directory, 'trimmed.wav');
    const duration = ['--setf', `duration_stretch=${stretch}`];
    execFileSync('flite', ['-voice', voice, ...duration, '-t', text, '-o', spoken]);
    const trim = ['silence', '1', '0.005', '0.5%', 'reverse', 'silence', '1', '0.005', '0.5%', 'reverse'];
    // The telephone band; -R makes sox's dither reproducible.
    const band = ['sinc', '200-3600', 'rate', '8000'];
    execFileSync('sox', ['-R', spoken, '-b', '16', trimmed, 'gain', '-6', ...band, ...trim]);
    const raw = execFileSync('sox', [trimmed, '-t', 'raw', '-e', 'signed', '-b', '16', '-'], {
      maxBuffer: 64 * 1024 * 1024,
    });
    const gainDb = gainFor(new Int16Array(raw.buffer, raw.byteOffset, raw.length >> 1));
    const fades = ['fade', 't', '0.005', '-0', '0.005', 'pad', '0.02', '0.02'];
    execFileSync('sox', ['-R', trimmed, '-e', 'u-law', '-b', '8', file, 'gain', gainDb.toFixed(2), ...fades]);
    return Math.round((raw.length / 2 + 320) / 8);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function gainFor(samples) {
  const frames = [];
  let peak = 1;
  for (let at = 0; at + 160 <= samples.length; at += 160) {
    let power = 0;
    for (const sample of samples.subarray(at, at + 160)) {
      power += sample * sample;
      peak = Math.max(peak, Math.abs(sample));
    }
    frames.push(power / 160);
  }
  const loudest = Math.max(...frames);
  // A frame 30 dB below the loudest is a pause, not speech.
  const speech = frames.filter((power) => power > loudest / 1000);
  const level = 10 * Math.log10(speech.reduce((a, b) => a + b, 0) / speech.length / 32768 ** 2);
  return Math.min(SPEECH_DBFS - level, PEAK_DBFS - 20 * Math.log10(peak / 32768));
}
