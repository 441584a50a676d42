import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { writeWav } from '../../../src/audio/wav/wav.ts';
import { createLog } from '../../../src/log.ts';
import { MicrophoneRecordings } from '../../../src/microphone/recordings/recording-folder.ts';
import type { RecordingTranscriber } from '../../../src/microphone/recordings/recording-transcriber.ts';
import { TranscriptionJobs } from '../../../src/microphone/recordings/transcription-jobs.ts';
import { ownFolder } from '../../support/own-folder.ts';

const MINUTE_MS = 60_000;
const AT = new Date('2026-11-29T10:00:00Z');
const START_MS = AT.getTime();
const WORDS = { utterances: [{ startMs: 0, endMs: 5, text: 'words' }], missing: [{ startMs: 6, endMs: 9 }] };

/** A folder with one pending recording, and jobs whose requests are answered by `answer`. */
async function pendingIn(directory: string, answer: (signal: AbortSignal) => Promise<typeof WORDS>) {
  const folder = new MicrophoneRecordings(directory);
  const uploaded = path.join(folder.uploads, 'upload');
  writeFileSync(uploaded, writeWav(new Int16Array(800), 8_000));
  const kept = await folder.keep(uploaded, AT, 'pending');
  if (typeof kept === 'string') throw new Error(kept);
  let requests = 0;
  const recordingTranscriber = {
    transcribe: (_: string, signal: AbortSignal) => ((requests += 1), answer(signal)),
  } as unknown as RecordingTranscriber;
  const log = createLog({ level: 'silent', destination: process.stderr });
  const jobs = new TranscriptionJobs({
    ...{ folder, index: undefined, recordingTranscriber, language: 'en', pendingDays: 30, log },
  });
  jobs.add(kept, START_MS);
  const tick = async (afterMs: number): Promise<number> => {
    jobs.tick(START_MS + afterMs);
    await jobs.idle();
    return requests;
  };
  const state = async () => (await folder.find(kept.name))?.transcription;
  return { folder, kept, jobs, tick, state };
}

test('a recording is transcribed once, with the parts that the service refused', async () => {
  using place = ownFolder();
  const { tick, state, folder, kept } = await pendingIn(place.path, () => Promise.resolve(WORDS));
  expect([await tick(-1), await tick(0), await tick(MINUTE_MS), await state()]).toEqual([0, 1, 1, 'done']);
  expect(await folder.transcriptDocument(kept.name, 'en')).toMatchObject(WORDS);
});

test('a recording is tried again after 1, 2, 4 minutes, and so on up to 6 hours', async () => {
  using place = ownFolder();
  const { tick, state } = await pendingIn(place.path, () => Promise.reject(new Error('down')));
  let afterMs = 0;
  const pauses = [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360].map((minutes) => minutes * MINUTE_MS);
  for (const [failures, pauseMs] of pauses.entries()) {
    expect(await tick(afterMs)).toBe(failures + 1);
    expect(await tick(afterMs + pauseMs - 1)).toBe(failures + 1);
    afterMs += pauseMs;
  }
  expect(await state()).toBe('pending');
});

test('a recording is given up after PENDING_DAYS', async () => {
  using place = ownFolder();
  const { tick, state } = await pendingIn(place.path, () => Promise.reject(new Error('down')));
  expect([await tick(31 * 24 * 60 * MINUTE_MS), await state()]).toEqual([0, 'failed']);
});

test('a shutdown aborts the request, and the recording stays pending', async () => {
  using place = ownFolder();
  const { jobs, tick, state } = await pendingIn(place.path, async (signal) => {
    if (!signal.aborted) await once(signal, 'abort');
    throw new Error('aborted');
  });
  const ticked = tick(0);
  jobs.close();
  await ticked;
  expect([await state(), await tick(60 * MINUTE_MS)]).toEqual(['pending', 1]);
});
