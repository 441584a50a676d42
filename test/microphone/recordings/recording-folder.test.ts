import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sine } from '../../../src/audio/tone.ts';
import { writeWav } from '../../../src/audio/wav/wav.ts';
import { removeAbandonedUploads } from '../../../src/microphone/recordings/abandoned-uploads.ts';
import { MicrophoneRecordings } from '../../../src/microphone/recordings/recording-folder.ts';
import { documentOf } from '../../../src/microphone/recordings/transcript-document.ts';
import { ownFolder } from '../../support/own-folder.ts';

const AT = new Date(2026, 6, 13, 10, 30, 0, 789);
const tone = (ms: number) => writeWav(sine(440, ms, -12, 8_000), 8_000);

/** A text without times, as programs send it. */
const textOf = (text: string) => [documentOf([{ startMs: 0, endMs: 100, text }], [], 'en'), text] as const;

function uploaded(folder: MicrophoneRecordings, content: Uint8Array | string = tone(100)): string {
  const file = path.join(folder.uploads, `upload-${Math.random()}`);
  writeFileSync(file, content);
  return file;
}

describe('the directory of microphone recordings', () => {
  it('lists recordings of the same second in order of creation, with the returned times', async () => {
    using own = ownFolder();
    const folder = new MicrophoneRecordings(own.path);
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

  it('renames a recording with its transcript, and never over another one', async () => {
    using own = ownFolder();
    const folder = new MicrophoneRecordings(own.path);
    const [first, second] = [
      await folder.keep(uploaded(folder), AT),
      await folder.keep(uploaded(folder), AT),
    ];
    if (typeof first === 'string' || typeof second === 'string') throw new Error('refused');
    await folder.keepTranscript(first.name, ...textOf('Hello.'));
    expect(await folder.rename(first.name, second.name)).toBe('taken');
    expect(await folder.rename('missing.wav', 'new.wav')).toBeUndefined();
    expect(await folder.rename(first.name, '../new.wav')).toBeUndefined();
    // A text that was left without its recording.
    writeFileSync(path.join(own.path, 'new.txt'), 'of another recording');
    expect(await folder.rename(first.name, 'new.wav')).toMatchObject({
      name: 'new.wav',
      createdAtMs: first.createdAtMs,
      transcript: 'new.txt',
    });
    expect(readFileSync(path.join(own.path, 'new.txt'), 'utf8')).toBe('Hello.');
    writeFileSync(path.join(own.path, 'other.txt'), 'of another recording');
    expect(await folder.rename(second.name, 'other.wav')).toMatchObject({ transcript: undefined });
    expect((await folder.list()).map(({ name }) => name).sort()).toEqual(['new.wav', 'other.wav']);
  });

  it.each(['first', 'second'])(
    'keeps a text that is sent while the server transcribes the recording, also if it is the %s to be written',
    async (order) => {
      using own = ownFolder();
      const folder = new MicrophoneRecordings(own.path);
      const kept = await folder.keep(uploaded(folder), AT, 'pending');
      if (typeof kept === 'string') expect.unreachable(kept);
      const send = () => folder.keepTranscript(kept.name, ...textOf('An invoice.'));
      // The server heard no words in it.
      const complete = () => folder.completeTranscript(kept.name, documentOf([], [], 'en'));
      await Promise.all((order === 'first' ? [send, complete] : [complete, send]).map((change) => change()));
      expect(readFileSync(path.join(own.path, kept.name.replace('.wav', '.txt')), 'utf8')).toBe(
        'An invoice.',
      );
      expect(await folder.transcriptDocument(kept.name, 'en')).toMatchObject({
        utterances: [{ text: 'An invoice.' }],
      });
    },
  );

  it('does not follow symbolic links: they are not listed, read, written to or deleted', async () => {
    using own = ownFolder();
    using outside = ownFolder();
    const [sound, words] = [path.join(outside.path, 'a.wav'), path.join(outside.path, 'a.txt')];
    writeFileSync(sound, tone(100));
    writeFileSync(words, 'private');
    const folder = new MicrophoneRecordings(own.path);
    const linked = 'recording_20260101_000000.wav';
    symlinkSync(sound, path.join(own.path, linked));
    const kept = await folder.keep(uploaded(folder), AT);
    if (typeof kept === 'string') throw new Error(kept);
    const text = path.join(own.path, kept.name.replace('.wav', '.txt'));
    symlinkSync(words, text);
    expect(await folder.list()).toEqual([kept]);
    expect(await folder.pathOf(linked)).toBeUndefined();
    expect(await folder.transcriptOf(kept.name)).toBeUndefined();
    expect(await folder.remove(linked)).toBe(false);
    expect(await folder.keepTranscript(linked, ...textOf('other words'))).toBeUndefined();
    await folder.keepTranscript(kept.name, ...textOf('new words'));
    expect(readFileSync(text, 'utf8')).toBe('new words');
    await folder.remove(kept.name);
    expect([readFileSync(words, 'utf8'), existsSync(sound)]).toEqual(['private', true]);
  });

  it('refuses a directory whose uploads would go elsewhere', () => {
    using own = ownFolder();
    mkdirSync(path.join(own.path, 'elsewhere'));
    symlinkSync(path.join(own.path, 'elsewhere'), path.join(own.path, '.uploads'));
    expect(() => new MicrophoneRecordings(own.path)).toThrow('symbolic link');
  });

  it('removes an uploaded file in any case, even if it is refused', async () => {
    using own = ownFolder();
    const folder = new MicrophoneRecordings(own.path);
    const wrong = uploaded(folder, 'no sound at all');
    expect(await folder.keep(wrong, AT)).toContain('no WAV file');
    expect(await folder.keep(path.join(folder.uploads, 'nothing'), AT)).toBe('The file is gone.');
    await folder.keep(uploaded(folder), AT);
    expect(readdirSync(folder.uploads)).toEqual([]);
    expect(existsSync(wrong)).toBe(false);
  });

  it('reads a changed file again', async () => {
    using own = ownFolder();
    const folder = new MicrophoneRecordings(own.path);
    const file = path.join(own.path, 'mine.wav');
    for (const ms of [100, 300]) {
      writeFileSync(file, tone(ms));
      expect(await folder.list()).toMatchObject([{ name: 'mine.wav', durationMs: ms }]);
    }
    writeFileSync(file, 'no sound at all');
    expect(await folder.list()).toEqual([]);
  });

  it('removes unfinished uploads of killed processes, and none that are being written', async () => {
    using own = ownFolder();
    const folder = new MicrophoneRecordings(own.path);
    const left = uploaded(folder);
    const going = uploaded(folder);
    const now = new Date();
    const old = new Date(now.getTime() - 3_700_000);
    utimesSync(left, old, old);
    await removeAbandonedUploads(folder.uploads, now);
    expect([existsSync(left), existsSync(going)]).toEqual([false, true]);
  });
});
