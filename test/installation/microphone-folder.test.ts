import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sine } from '../../src/audio/tone.ts';
import { writeWav } from '../../src/audio/wav.ts';
import { MicrophoneFolder } from '../../src/installation/microphone-folder.ts';
import { ownFolder } from '../support/own-folder.ts';

const AT = new Date(2026, 6, 13, 10, 30, 0, 789);
const tone = (ms: number) => writeWav(sine(440, ms, -12, 8_000), 8_000);

function uploaded(folder: MicrophoneFolder, content: Uint8Array | string = tone(100)): string {
  const file = path.join(folder.uploads, `upload-${Math.random()}`);
  writeFileSync(file, content);
  return file;
}

describe('the folder of microphone recordings', () => {
  it('lists recordings of one second in the order in which they were made, with the times that were answered', async () => {
    using own = ownFolder();
    const folder = new MicrophoneFolder(own.path);
    const kept = [];
    for (let count = 0; count < 12; count += 1) kept.push(await folder.keep(uploaded(folder), AT));
    const listed = await folder.list();
    expect(listed).toEqual(kept.toReversed());
    expect(listed.map(({ name }) => name).slice(0, 3)).toEqual([
      'recording_20260713_103000_12.wav',
      'recording_20260713_103000_11.wav',
      'recording_20260713_103000_10.wav',
    ]);
    expect(listed.at(-1)!.name).toBe('recording_20260713_103000.wav');
  });

  it('takes an upload away in any case, also when it is not kept', async () => {
    using own = ownFolder();
    const folder = new MicrophoneFolder(own.path);
    const wrong = uploaded(folder, 'no sound at all');
    expect(await folder.keep(wrong, AT)).toContain('no WAV file');
    expect(await folder.keep(path.join(folder.uploads, 'nothing'), AT)).toBe('The file is gone.');
    await folder.keep(uploaded(folder), AT);
    expect(readdirSync(folder.uploads)).toEqual([]);
    expect(existsSync(wrong)).toBe(false);
  });

  it('looks again at a file that has changed', async () => {
    using own = ownFolder();
    const folder = new MicrophoneFolder(own.path);
    const file = path.join(own.path, 'mine.wav');
    for (const ms of [100, 300]) {
      writeFileSync(file, tone(ms));
      expect(await folder.list()).toMatchObject([{ name: 'mine.wav', durationMs: ms }]);
    }
    writeFileSync(file, 'no sound at all');
    expect(await folder.list()).toEqual([]);
  });

  it('sweeps what a killed process has left of uploads, and nothing that is being written', async () => {
    using own = ownFolder();
    const folder = new MicrophoneFolder(own.path);
    const left = uploaded(folder);
    const going = uploaded(folder);
    const now = new Date();
    const old = new Date(now.getTime() - 3_700_000);
    utimesSync(left, old, old);
    await folder.sweep(now);
    expect([existsSync(left), existsSync(going)]).toEqual([false, true]);
  });
});
