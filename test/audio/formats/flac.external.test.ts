import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeMulaw, encodeMulaw } from '../../../src/audio/mulaw.ts';
import { writeWav } from '../../../src/audio/wav/wav.ts';
import { encodeAll, fileShelf } from '../../support/encode-to-file.ts';
import { runTool } from '../../support/run-tool.ts';
import { speechLike } from '../../support/speech-like.ts';

const shelf = fileShelf();
afterAll(() => shelf.clear());

describe('FLAC', () => {
  const telephone = decodeMulaw(encodeMulaw(speechLike(20, 8_000)));

  it('holds the number of samples and their MD5', async () => {
    const { bytes } = await encodeAll('flac', { sampleRateHz: 8_000, channels: 1 }, telephone);
    const file = shelf.put('one.flac', bytes);
    const shown = runTool('metaflac', ['--show-total-samples', '--show-md5sum', file])
      .stdout.toString()
      .split('\n');
    const md5 = createHash('md5').update(new Uint8Array(telephone.buffer)).digest('hex');
    expect(shown.slice(0, 2)).toEqual([String(telephone.length), md5]);
  });

  it('is no larger than the output of the flac program, and uses the two empty bits of μ-law', async () => {
    const { bytes } = await encodeAll('flac', { sampleRateHz: 8_000, channels: 1 }, telephone);
    const wav = shelf.put('native.wav', writeWav(telephone, 8_000));
    const plain = ['-s', '-5', '-b', '1152', '--no-padding', '--no-seektable', '-f'];
    runTool('flac', [...plain, wav, '-o', `${wav}.flac`]);
    expect(bytes.length).toBeLessThan(1.01 * statSync(`${wav}.flac`).size);
    // The same with the lowest bits in use costs about two bits a sample more.
    const noisy = telephone.map((sample, i) => sample | ((i * 7) % 3));
    const { bytes: full } = await encodeAll('flac', { sampleRateHz: 8_000, channels: 1 }, noisy);
    expect(full.length - bytes.length).toBeGreaterThan((1.5 * telephone.length) / 8);
  });
});
