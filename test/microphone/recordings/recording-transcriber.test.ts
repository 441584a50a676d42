import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Segmenter, type SegmenterEvent } from '../../../src/audio/speech/utterance-segmenter.ts';
import { readWav, writeWav } from '../../../src/audio/wav/wav.ts';
import {
  ServiceError,
  type SpeakerTranscriber,
  type SpokenSegment,
  type Utterance,
} from '../../../src/call/ports.ts';
import { EventLoopScheduler } from '../../../src/microphone/dictation/event-loop-scheduler.ts';
import { RecordingTranscriber } from '../../../src/microphone/recordings/recording-transcriber.ts';
import { ownFolder } from '../../support/own-folder.ts';

const never = new AbortController().signal;
const CHUNK_MS = 20_000;

const refusal = () =>
  new ServiceError('transcription', 'no', { transient: false, refusal: 'it cannot use it' });
const outage = () => new ServiceError('transcription', 'no', { transient: true });

/** At 8,000 Hz. */
function recordingOf(folder: string, durationMs: number): string {
  const file = path.join(folder, 'a.wav');
  writeFileSync(file, writeWav(new Int16Array(8 * durationMs).fill(1_000), 8_000));
  return file;
}

/** Every 20 s are an utterance. */
class EvenSegmenter implements Segmenter {
  readonly earliestNextStartMs = 0;
  readonly speakingSinceMs = undefined;
  heardMs = 0;

  hear(pcm: Int16Array): SegmenterEvent[] {
    const before = Math.floor(this.heardMs / CHUNK_MS);
    this.heardMs += pcm.length / 8;
    return Math.floor(this.heardMs / CHUNK_MS) > before ? [this.#cut(before * CHUNK_MS)] : [];
  }

  soFar(): undefined {
    return undefined;
  }

  end(): SegmenterEvent[] {
    const lastMs = Math.floor(this.heardMs / CHUNK_MS) * CHUNK_MS;
    return this.heardMs > lastMs ? [this.#cut(lastMs)] : [];
  }

  close(): void {
    this.heardMs = 0;
  }

  #cut(startMs: number): SegmenterEvent {
    const endMs = Math.min(startMs + CHUNK_MS, this.heardMs);
    const pcm = new Int16Array(16 * (endMs - startMs)).fill(1_000);
    return { kind: 'finished', utterance: { startMs, endMs, audioStartMs: startMs, pcm } };
  }
}

/** Gives each utterance the next answer: a text, or an error. */
function transcriberWith(answers: readonly (string | Error)[], speakers?: SpeakerTranscriber) {
  const asked: Utterance[] = [];
  const transcriber = {
    transcribe: (utterance: Utterance): Promise<string> => {
      asked.push(utterance);
      const answer = answers[asked.length - 1] ?? 'words';
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    transcribeClip: () => Promise.reject(new Error('not asked for clips')),
  };
  const createSegmenter = () => new EvenSegmenter();
  const turns = new EventLoopScheduler();
  return { asked, recordings: new RecordingTranscriber({ transcriber, speakers, createSegmenter, turns }) };
}

class ScriptedSpeakers implements SpeakerTranscriber {
  mayTellSpeakers = true;
  readonly asked: Utterance[] = [];
  readonly #answers: readonly (readonly SpokenSegment[] | Error | undefined)[];

  constructor(...answers: readonly (readonly SpokenSegment[] | Error | undefined)[]) {
    this.#answers = answers;
  }

  transcribeSpeakers(sound: Utterance): Promise<readonly SpokenSegment[] | undefined> {
    this.asked.push(sound);
    const answer = this.#answers[this.asked.length - 1];
    if (answer === undefined) this.mayTellSpeakers = false;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  }
}

describe('a recording is transcribed utterance by utterance', () => {
  test('with refused utterances as missing parts, and without silent ones', async () => {
    using folder = ownFolder();
    const { recordings } = transcriberWith(['one', refusal(), '']);
    const file = recordingOf(folder.path, 80_000);
    expect(await recordings.transcribe(file, never)).toEqual({
      utterances: [
        { startMs: 0, endMs: 20_000, text: 'one' },
        { startMs: 60_000, endMs: 80_000, text: 'words' },
      ],
      missing: [{ startMs: 20_000, endMs: 40_000 }],
    });
  });

  test.each([outage(), new TypeError('a mistake of ours')])('not at all if %s', async (failure) => {
    using folder = ownFolder();
    const { recordings, asked } = transcriberWith(['one', failure]);
    const file = recordingOf(folder.path, 60_000);
    await expect(recordings.transcribe(file, never)).rejects.toBe(failure);
    expect(asked).toHaveLength(2);
  });

  test('until it is aborted', async () => {
    using folder = ownFolder();
    const ended = new AbortController();
    const { recordings, asked } = transcriberWith([]);
    const answers = recordings.transcribe(recordingOf(folder.path, 60_000), ended.signal);
    ended.abort(new Error('shut down'));
    await expect(answers).rejects.toThrow('shut down');
    expect(asked).toHaveLength(0);
  });
});

describe('a recording is transcribed with speakers', () => {
  const A = { startMs: 1_000, endMs: 2_500, text: 'Hello.', speaker: 'A' };

  test('in one request, with the sound at its times', async () => {
    using folder = ownFolder();
    const speakers = new ScriptedSpeakers([A, { ...A, startMs: 30_000, endMs: 99_000, speaker: 'B' }]);
    const { recordings, asked } = transcriberWith([], speakers);
    const { utterances, missing } = await recordings.transcribe(recordingOf(folder.path, 50_000), never);
    // The end of a segment lies within the recording.
    expect(utterances).toEqual([A, { ...A, startMs: 30_000, endMs: 50_000, speaker: 'B' }]);
    expect([missing, asked]).toEqual([[], []]);
    const [sound] = speakers.asked;
    const { pcm, sampleRateHz } = readWav(sound!.wav);
    expect([sampleRateHz, Math.round(pcm[0]!.length / 16)]).toEqual([16_000, 50_000]);
    expect(pcm[0]!.subarray(16 * 49_000, 16 * 49_900).some((sample) => sample !== 0)).toBe(true);
  });

  test('in parts of ten minutes, whose labels are kept apart', async () => {
    using folder = ownFolder();
    const speakers = new ScriptedSpeakers([A], [A, { ...A, speaker: undefined }]);
    const { recordings } = transcriberWith([], speakers);
    const { utterances } = await recordings.transcribe(recordingOf(folder.path, 700_000), never);
    expect(speakers.asked.map(({ durationMs }) => Math.round(durationMs))).toEqual([600_000, 100_000]);
    expect(utterances.map(({ startMs, speaker }) => [startMs, speaker])).toEqual([
      [1_000, 'A'],
      [601_000, 'A (part 2)'],
      [601_000, undefined],
    ]);
  });

  test('until the service shows that it tells none apart: then utterance by utterance', async () => {
    using folder = ownFolder();
    const speakers = new ScriptedSpeakers(undefined);
    const { recordings, asked } = transcriberWith(['one', 'two', refusal()], speakers);
    const file = recordingOf(folder.path, 60_000);
    expect(await recordings.transcribe(file, never)).toMatchObject({
      utterances: [{ text: 'one' }, { text: 'two' }],
      missing: [{ startMs: 40_000 }],
    });
    expect([asked.length, speakers.asked.length]).toEqual([3, 1]);
    await recordings.transcribe(file, never);
    expect(speakers.asked).toHaveLength(1);
  });

  test('not at all while the service is unavailable', async () => {
    using folder = ownFolder();
    const failure = outage();
    const { recordings, asked } = transcriberWith([], new ScriptedSpeakers(failure));
    await expect(recordings.transcribe(recordingOf(folder.path, 30_000), never)).rejects.toBe(failure);
    expect(asked).toHaveLength(0);
  });
});
