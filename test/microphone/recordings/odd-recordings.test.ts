import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { sine } from '../../../src/audio/tone.ts';
import { MicrophoneRecordings } from '../../../src/microphone/recordings/recording-folder.ts';
import { ODD_WAV_FILES } from '../../suites/odd-wav-files.ts';
import { oddWav } from '../../support/odd-wav.ts';
import { ownFolder } from '../../support/own-folder.ts';

const AT = new Date('2026-10-25T00:30:00Z');

describe('recordings with odd headers', () => {
  test.each(Object.entries(ODD_WAV_FILES))('%s: is stored and listed with its length', async (_, odd) => {
    using folder = ownFolder();
    const recordings = new MicrophoneRecordings(folder.path);
    const { channels = 1 } = odd;
    const file = oddWav(sine(440, 1_000 * channels, -12, 48_000), odd);
    const uploaded = path.join(recordings.uploads, 'upload');
    writeFileSync(uploaded, file);
    writeFileSync(path.join(folder.path, 'copied.wav'), file);
    expect(await recordings.keep(uploaded, AT)).toMatchObject({
      durationMs: 1_000,
      createdAtMs: AT.getTime(),
    });
    expect((await recordings.list()).map(({ durationMs }) => durationMs)).toEqual([1_000, 1_000]);
    expect(readdirSync(recordings.uploads)).toEqual([]);
  });

  test('files that cannot be listed are reported once, with the reason', async () => {
    using folder = ownFolder();
    const reported: string[] = [];
    const recordings = new MicrophoneRecordings(folder.path, (name, reason) =>
      reported.push(`${name}: ${reason}`),
    );
    writeFileSync(path.join(folder.path, 'renamed.wav'), 'OggS');
    writeFileSync(path.join(folder.path, 'empty.wav'), oddWav(new Int16Array(0), {}));
    writeFileSync(path.join(folder.path, 'what?.wav'), oddWav(new Int16Array(480), {}));
    writeFileSync(path.join(folder.path, 'notes.txt'), 'notes');
    mkdirSync(path.join(folder.path, 'folder.wav'));
    expect(await recordings.list()).toEqual([]);
    await recordings.list();
    expect(reported.sort()).toEqual([
      expect.stringMatching(/^empty\.wav: The WAV file is empty/u),
      expect.stringMatching(/^renamed\.wav: The file is no WAV file/u),
      expect.stringMatching(/^what\?\.wav: Its name must have letters, digits/u),
    ]);
  });
});

test('recordings of one local time are in order when the clock goes back', async () => {
  using folder = ownFolder();
  const recordings = new MicrophoneRecordings(folder.path);
  const moments = ['2026-10-25T00:30:00Z', '2026-10-25T01:10:00Z', '2026-10-25T01:30:00Z'];
  for (const moment of moments) {
    const uploaded = path.join(recordings.uploads, 'upload');
    writeFileSync(uploaded, oddWav(new Int16Array(480), {}));
    await recordings.keep(uploaded, new Date(moment));
  }
  const listed = await new MicrophoneRecordings(folder.path).list();
  expect(listed.map(({ createdAtMs }) => createdAtMs)).toEqual(
    moments.map((each) => Date.parse(each)).toReversed(),
  );
});
