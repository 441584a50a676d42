import { expect, test } from 'vitest';
import { SpeechResponseReader } from '../../../src/openai/speech/speech-response-reader.ts';
import { runTool } from '../../support/run-tool.ts';

async function read(bytes: Uint8Array): Promise<number[]> {
  const reader = new SpeechResponseReader(new Headers());
  const pieces = [...(await reader.read(bytes)), ...(await reader.end())];
  reader.close();
  return pieces.flatMap(({ pcm }) => [...pcm]);
}

const NOISE = [
  '-v',
  'error',
  '-f',
  'lavfi',
  '-i',
  'anoisesrc=duration=4:sample_rate=24000:seed=1:amplitude=0.3',
];

test.each(['libopus', 'libvorbis'])(
  'Ogg of %s that ends within a page has the sound of its whole pages alone',
  async (codec) => {
    const { stdout: bytes } = runTool('ffmpeg', [...NOISE, '-c:a', codec, '-f', 'ogg', '-']);
    const whole = await read(bytes);
    expect(whole.length).toBeGreaterThan(90_000);
    for (const share of [0.45, 0.6, 0.75, 0.9]) {
      const part = await read(bytes.subarray(0, Math.floor(bytes.length * share)));
      expect(part.length).toBeLessThan(whole.length);
      expect(part.length).toBeGreaterThan(whole.length / 5);
      expect(part.findIndex((sample, n) => sample !== whole[n])).toBe(-1);
    }
  },
);
