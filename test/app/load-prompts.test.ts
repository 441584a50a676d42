import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadPrompts } from '../../src/app/load-prompts.ts';
import { sine } from '../../src/audio/tone.ts';
import { shippedPrompts } from '../../src/storage/package-files.ts';
import { ODD_WAV_FILES } from '../suites/odd-wav-files.ts';
import { oddWav } from '../support/odd-wav.ts';
import { ownFolder } from '../support/own-folder.ts';

/** Loads prompts of a folder with one recorded phrase. */
async function load(
  wav: Uint8Array,
  index: unknown = { greeting: { text: 'Good day.', file: 'greeting.wav' } },
) {
  using folder = ownFolder();
  const place = path.join(folder.path, 'en');
  mkdirSync(place);
  writeFileSync(path.join(place, 'greeting.wav'), wav);
  writeFileSync(path.join(place, 'prompts.json'), JSON.stringify(index));
  const { book, warnings } = await loadPrompts(folder.path, shippedPrompts(), 'en');
  return { greeting: book.get('greeting'), warnings };
}

const SECOND_BYTES = 8_000;

describe('recorded prompts', () => {
  test.each(Object.entries(ODD_WAV_FILES))('%s: is heard', async (_, odd) => {
    const pcm = sine(440, 1_000 * (odd.channels ?? 1), -12, 48_000);
    const { greeting, warnings } = await load(oddWav(pcm, odd));
    expect([greeting.text, warnings]).toEqual(['Good day.', []]);
    expect(Math.abs(greeting.mulaw.length - SECOND_BYTES)).toBeLessThanOrEqual(8);
  });

  test.each([
    [
      'empty',
      oddWav(new Int16Array(0), {}),
      /greeting\.wav cannot be used: not a readable WAV file: it is empty$/u,
    ],
    ['no WAV file', Buffer.from('OggS'), /greeting\.wav cannot be used: .*does not start with RIFF/u],
    [
      'cut in its header',
      oddWav(new Int16Array(9), {}).subarray(0, 30),
      /greeting\.wav cannot be used: .*header/u,
    ],
  ])('that are %s are named at the start, and the shipped phrase is used', async (_, wav, warning) => {
    const { greeting, warnings } = await load(wav);
    expect(warnings).toEqual([expect.stringMatching(warning)]);
    expect(greeting.mulaw.length).toBeGreaterThan(SECOND_BYTES);
  });

  test('without a text or a file are named at the start', async () => {
    const wav = oddWav(new Int16Array(480), {});
    for (const entry of [null, {}, { text: 'Good day.' }, 'greeting.wav'])
      expect((await load(wav, { greeting: entry })).warnings).toEqual([
        expect.stringMatching(/"greeting" needs "text" and "file"/u),
      ]);
    expect((await load(wav, null)).warnings).toEqual([expect.stringMatching(/is not a JSON object/u)]);
  });
});
