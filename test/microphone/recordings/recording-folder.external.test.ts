import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sine } from '../../../src/audio/tone.ts';
import { writeWav } from '../../../src/audio/wav/wav.ts';
import { MicrophoneRecordings } from '../../../src/microphone/recordings/recording-folder.ts';
import { openFiles } from '../../support/open-files.ts';
import { ownFolder } from '../../support/own-folder.ts';

const tone = (ms: number) => writeWav(sine(440, ms, -12, 8_000), 8_000);

describe('the directory of microphone recordings', () => {
  it('is listed with few open files at a time, and without opening them again', async () => {
    using own = ownFolder();
    const folder = new MicrophoneRecordings(own.path);
    const files = 600;
    for (let count = 0; count < files; count += 1)
      writeFileSync(path.join(own.path, `${count}.wav`), tone(20));
    const most = async () => {
      let open = 0;
      let listing = true;
      const list = folder.list().finally(() => (listing = false));
      while (listing) {
        open = Math.max(open, openFiles(own.path));
        await new Promise(setImmediate);
      }
      expect(await list).toHaveLength(files);
      return open;
    };
    const first = await most();
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThanOrEqual(17);
    // The folder itself is.
    expect(await most()).toBeLessThanOrEqual(1);
  });
});
