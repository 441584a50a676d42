import { createEncoder } from '../../audio/formats/encoder.ts';
import type { AudioFormat } from '../../audio/formats/formats.ts';
import { CompressedStream } from '../../audio/decoders/compressed-stream.ts';
import type { AudioStream } from '../../audio/decoders/pcm-piece.ts';
import { WavStream } from '../../audio/wav/wav-stream.ts';
import type { Settings } from '../../settings/settings.ts';
import type { Finding } from './finding.ts';

const RATE_HZ = 16_000;
const TONE_HZ = 440;
const AMPLITUDE = 8_000;
/** MP3 and Vorbis files begin and end with padding. */
const MAX_DIFFERENCE_MS = 100;

/** Encodes a second of sound in the configured format and decodes it again. */
export async function checkAudio({ recording }: Settings): Promise<Finding[]> {
  const what = 'audio processing';
  const { defaultFormat: format, mp3Bitrate, mp3Engine, sampleRateHz } = recording;
  const rateHz = sampleRateHz === 'auto' ? RATE_HZ : sampleRateHz;
  const startedAtMs = performance.now();
  const pcm = Int16Array.from({ length: rateHz }, (_, n) =>
    Math.round(AMPLITUDE * Math.sin((2 * Math.PI * TONE_HZ * n) / rateHz)),
  );
  const settings = {
    sampleRateHz: rateHz,
    channels: 1,
    totalFrames: pcm.length,
    mp3Bitrate,
    mp3Engine,
  } as const;
  const encoder = await createEncoder(format, settings);
  const body = Buffer.from(encoder.encode(pcm));
  const { tail, patches } = encoder.finish();
  const file = Buffer.concat([body, tail]);
  for (const { offset, bytes } of patches) file.set(bytes, offset);
  const { soundMs, peak } = await decoded(format, file);
  const tookMs = Math.round(performance.now() - startedAtMs);
  const found = `encodes and decodes a second as ${format} at ${rateHz} Hz in ${tookMs} ms`;
  if (Math.abs(soundMs - 1_000) <= MAX_DIFFERENCE_MS && peak > AMPLITUDE / 2 && peak < AMPLITUDE * 1.5)
    return [{ what, verdict: 'ok', found }];
  const todo =
    'install the packages again (`npm ci`), and report the Node version and the machine if it stays';
  const wrong = `a second as ${format} is decoded as ${Math.round(soundMs)} ms with a peak of ${peak}`;
  return [{ what, verdict: 'fail', found: wrong, todo }];
}

async function decoded(format: AudioFormat, file: Uint8Array): Promise<{ soundMs: number; peak: number }> {
  const stream: AudioStream =
    format === 'wav' ? new WavStream() : new CompressedStream(format === 'ogg' ? 'ogg-vorbis' : format);
  try {
    const pieces = [...(await stream.read(file)), ...(await stream.end())];
    const soundMs = pieces.reduce(
      (sum, { pcm, sampleRateHz }) => sum + (pcm.length * 1_000) / sampleRateHz,
      0,
    );
    const peak = pieces.reduce((most, { pcm }) => pcm.reduce((a, b) => Math.max(a, Math.abs(b)), most), 0);
    return { soundMs, peak };
  } finally {
    stream.close();
  }
}
