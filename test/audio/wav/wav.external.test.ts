import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { interleaveStereo } from '../../../src/audio/mix.ts';
import { readWav, writeWav } from '../../../src/audio/wav/wav.ts';
import { fileShelf } from '../../support/encode-to-file.ts';
import { ffprobe } from '../../support/ffprobe.ts';
import { runTool } from '../../support/run-tool.ts';
import { speechLike } from '../../support/speech-like.ts';
import { soxDecode } from '../../support/tool-decoders.ts';

const shelf = fileShelf();
afterAll(() => shelf.clear());
const speech = speechLike(0.5, 8_000);

/** The speech as another program writes it. */
function soxWav(name: string, ...encoding: string[]): Buffer {
  const source = shelf.put('source.wav', writeWav(speech, 8_000));
  const file = shelf.put(`${name}.wav`, new Uint8Array(0));
  runTool('sox', ['-D', source, ...encoding, file]);
  return readFileSync(file);
}

describe('writeWav', () => {
  it('writes a file that other programs read sample by sample', () => {
    const mono = shelf.put('mono.wav', writeWav(speech, 8_000));
    expect(ffprobe(mono)).toMatchObject({ codec: 'pcm_s16le', sampleRateHz: 8_000, channels: 1 });
    expect(soxDecode(mono)).toEqual(speech);
    const both = interleaveStereo(speech, speech.toReversed());
    const stereo = shelf.put('stereo.wav', writeWav(both, 16_000, 2));
    expect(ffprobe(stereo)).toMatchObject({ sampleRateHz: 16_000, channels: 2 });
    expect(soxDecode(stereo)).toEqual(both);
  });

  it('writes a valid file without audio', () => {
    expect(soxDecode(shelf.put('empty.wav', writeWav(new Int16Array(0), 8_000))).length).toBe(0);
  });
});

describe('readWav', () => {
  it.each([
    ['16-bit PCM', 0, ['-b', '16']],
    ['24-bit PCM in the extensible format', 0, ['-b', '24']],
    ['32-bit PCM in the extensible format', 0, ['-b', '32', '-e', 'signed']],
    ['float', 0, ['-b', '32', '-e', 'float']],
    ['64-bit float', 0, ['-b', '64', '-e', 'float']],
    ['8-bit PCM', 128, ['-b', '8']],
    ['μ-law', 1_024, ['-e', 'mu-law']],
    ['A-law', 1_024, ['-e', 'a-law']],
  ] as const)('reads %s', (name, tolerance, encoding) => {
    const { pcm, sampleRateHz } = readWav(soxWav(name.replace(/\W/g, ''), ...encoding));
    expect(sampleRateHz).toBe(8_000);
    expect(pcm).toHaveLength(1);
    expect(pcm[0]!.length).toBe(speech.length);
    const worst = pcm[0]!.reduce((most, sample, i) => Math.max(most, Math.abs(sample - speech[i]!)), 0);
    expect(worst).toBeLessThanOrEqual(tolerance);
  });

  it.each([
    ['μ-law', ['-e', 'mu-law']],
    ['A-law', ['-e', 'a-law']],
    ['8-bit PCM', ['-b', '8']],
    ['24-bit PCM', ['-b', '24']],
  ] as const)('does not read the padding byte of an odd chunk of %s as audio', (name, encoding) => {
    const odd = speech.slice(0, 1_001);
    const source = shelf.put('odd-source.wav', writeWav(odd, 8_000));
    const file = shelf.put(`odd-${name.replace(/\W/g, '')}.wav`, new Uint8Array(0));
    runTool('sox', ['-D', source, ...encoding, file]);
    const [pcm] = readWav(readFileSync(file)).pcm;
    expect(pcm!.length).toBe(odd.length);
    expect(Math.abs(pcm!.at(-1)! - odd.at(-1)!)).toBeLessThanOrEqual(1_024);
  });

  it('reads float samples in the extensible format, which ffmpeg writes', () => {
    const source = shelf.put('source2.wav', writeWav(speech, 8_000));
    const file = shelf.put('extensible.wav', new Uint8Array(0));
    runTool('ffmpeg', ['-y', '-v', 'error', '-i', source, '-c:a', 'pcm_f32le', file]);
    expect(readWav(readFileSync(file)).pcm[0]).toEqual(speech);
    runTool('ffmpeg', ['-y', '-v', 'error', '-i', source, '-ac', '3', '-c:a', 'pcm_f32le', file]);
    const three = readWav(readFileSync(file));
    expect(three.pcm).toHaveLength(3);
    expect(Math.max(...three.pcm.flatMap((channel) => [...channel]))).toBeGreaterThan(5_000);
  });

  it('reads a file written to a pipe, whose header lacks the length', () => {
    const source = shelf.put('source3.wav', writeWav(speech, 8_000));
    const { stdout } = runTool('ffmpeg', ['-v', 'error', '-i', source, '-f', 'wav', '-']);
    expect(readWav(stdout).pcm[0]).toEqual(speech);
  });
});
