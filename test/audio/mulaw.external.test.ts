import { expect, it } from 'vitest';
import { decodeMulaw } from '../../src/audio/mulaw.ts';
import { fileShelf } from '../support/encode-to-file.ts';
import { runTool } from '../support/run-tool.ts';
import { soxDecode } from '../support/tool-decoders.ts';

const everyCode = Uint8Array.from({ length: 256 }, (_, code) => code);

it('μ-law decoding equals that of sox for every code', () => {
  const shelf = fileShelf();
  const file = shelf.put('codes.ul', everyCode);
  const wav = `${file}.wav`;
  runTool('sox', [
    '-D',
    '-t',
    'raw',
    '-e',
    'mu-law',
    '-b',
    '8',
    '-r',
    '8000',
    '-c',
    '1',
    file,
    '-b',
    '16',
    '-e',
    'signed',
    wav,
  ]);
  expect(decodeMulaw(everyCode)).toEqual(soxDecode(wav));
  shelf.clear();
});
