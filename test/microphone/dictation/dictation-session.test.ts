import { beforeAll, describe, expect, it } from 'vitest';
import { loadResampler } from '../../../src/audio/resampler.ts';
import { ChunkSegmenter } from '../../../src/audio/speech/chunk-segmenter.ts';
import { UtteranceSegmenter } from '../../../src/audio/speech/utterance-segmenter.ts';
import { loadVoiceActivity, VoiceActivity } from '../../../src/audio/speech/voice-activity.ts';
import { ServiceError } from '../../../src/call/ports.ts';
import type { ToMicrophone } from '../../../src/microphone/dictation/dictation-messages.ts';
import { DictationSession } from '../../../src/microphone/dictation/dictation-session.ts';
import { EventLoopScheduler } from '../../../src/microphone/dictation/event-loop-scheduler.ts';
import { END_OF_UTTERANCE_MS, FIRST_TEXT_AFTER_MS } from '../../../src/microphone/microphone-service.ts';
import { recordedSpeech, recordedSpeechOf } from '../../../src/simulator/fixtures/recorded-speech.ts';

const MESSAGE_SAMPLES = 160;
/** Safely within the 300 ms that are promised: a message's length and the network come on top. */
const ASKED_WITHIN_MS = 250;

beforeAll(() => Promise.all([loadResampler(), loadVoiceActivity()]));

type Told<T extends ToMicrophone['type']> = Extract<ToMicrophone, { type: T }>;

class Dictated {
  readonly told: ToMicrophone[] = [];
  /** When, in sound, each text was asked for. */
  readonly askedMs: number[] = [];
  readonly dictation: DictationSession;
  heardMs = 0;
  unsavable: string | undefined;

  constructor(
    transcribe: () => Promise<string> = () => Promise.resolve('words'),
    clip: () => Promise<string> = () => Promise.reject(new Error('a stream is no clip')),
  ) {
    const turns = { preRollMs: 300, minSpeechMs: 120, bargeInMs: 400, longestUtteranceMs: 30_000 };
    this.dictation = new DictationSession({
      transcriber: {
        transcribe: () => {
          this.askedMs.push(this.heardMs);
          return transcribe();
        },
        transcribeClip: () => clip(),
      },
      createSegmenter: (sampleRateHz, chunkMs) =>
        chunkMs === undefined
          ? new UtteranceSegmenter({
              ...{ sampleRateHz, voiceActivity: new VoiceActivity(), pauseMs: FIRST_TEXT_AFTER_MS },
              turns: { ...turns, endOfTurnMs: END_OF_UTTERANCE_MS },
            })
          : new ChunkSegmenter({ sampleRateHz, chunkMs }),
      unsavable: () => Promise.resolve(this.unsavable),
      turns: new EventLoopScheduler(),
      client: { send: (message) => this.told.push(message), failed: () => undefined },
    });
  }

  async start(chunkSeconds?: number): Promise<void> {
    await this.dictation.take({
      ...{ type: 'start', encoding: 'pcm16', sampleRate: 8_000, progress: true, chunkSeconds },
    });
  }

  async hear(pcm: Int16Array, messageSamples = MESSAGE_SAMPLES): Promise<void> {
    for (let at = 0; at < pcm.length; at += messageSamples) {
      const { buffer, byteOffset, byteLength } = pcm.subarray(at, at + messageSamples);
      this.heardMs += byteLength / 16;
      await this.dictation.take({ type: 'audio', bytes: new Uint8Array(buffer, byteOffset, byteLength) });
    }
  }

  of<T extends ToMicrophone['type']>(type: T): Told<T>[] {
    return this.told.filter((one): one is Told<T> => one.type === type);
  }
}

/** Up to its last loud sample, and a second of silence. */
function endingIn(speech: string): { readonly sound: Int16Array; readonly endMs: number } {
  const { pcm } = recordedSpeechOf(speech);
  const lastLoud = pcm.findLastIndex((sample) => Math.abs(sample) > 1_000);
  const sound = new Int16Array(lastLoud + 1 + 8_000);
  sound.set(pcm.subarray(0, lastLoud + 1));
  return { sound, endMs: lastLoud / 8 };
}

const HOURS = 'caller-what-are-your-opening-hours';

describe('dictation', () => {
  it('requests the text of an utterance within 300 ms of its end, shows it at once, and requests it only once', async () => {
    for (const speech of [HOURS, 'caller-i-would-like-to-ask', 'caller-thank-you-that-is-all']) {
      const { sound, endMs } = endingIn(speech);
      const dictated = new Dictated();
      await dictated.start();
      await dictated.hear(sound);
      await dictated.dictation.take({ type: 'stop' });
      const lastMs = dictated.askedMs.at(-1)!;
      expect(lastMs).toBeGreaterThan(endMs + FIRST_TEXT_AFTER_MS - 50);
      expect(lastMs - endMs).toBeLessThanOrEqual(ASKED_WITHIN_MS);
      expect(dictated.of('transcription')).toHaveLength(1);
      const [final] = dictated.of('transcription');
      expect(dictated.of('partial').at(-1)).toMatchObject({ startMs: final!.startMs, endMs: final!.endMs });
      dictated.dictation.close();
    }
  });

  it('seldom splits a sentence in two', async () => {
    const callers = [...recordedSpeech().values()].filter(({ speaker }) => speaker === 'caller');
    let cut = 0;
    for (const { pcm } of callers) {
      const dictated = new Dictated();
      await dictated.start();
      await dictated.hear(pcm, 8_000);
      await dictated.dictation.take({ type: 'stop' });
      if (dictated.of('transcription').length > 1) cut += 1;
      dictated.dictation.close();
    }
    expect(callers.length).toBeGreaterThan(20);
    expect(cut / callers.length).toBeLessThan(0.05);
  });

  it.each([2, 5])('in chunks of %i s has a text for each, without partial texts', async (seconds) => {
    const dictated = new Dictated();
    await dictated.start(seconds);
    const { sound } = endingIn(HOURS);
    for (let time = 0; time < 4; time += 1) await dictated.hear(sound);
    // The last text of a whole chunk is requested while the speaker goes on.
    expect(dictated.askedMs.length).toBeGreaterThan(0);
    await dictated.dictation.take({ type: 'stop' });
    const texts = dictated.of('transcription');
    let endMs = 0;
    for (const text of texts) {
      expect(text.startMs).toBe(endMs);
      endMs = text.endMs!;
      expect(endMs - text.startMs!).toBeLessThanOrEqual(seconds * 1_000);
    }
    expect(Math.abs(endMs - dictated.heardMs)).toBeLessThan(5);
    expect(dictated.of('partial')).toEqual([]);
    expect(dictated.of('progress').length).toBeGreaterThan(0);
    dictated.dictation.close();
  });

  it('queues audio while the service is slow, and drops nothing', async () => {
    const answers: (() => void)[] = [];
    let most = 0;
    const dictated = new Dictated(() => {
      most = Math.max(most, answers.length + 1);
      return new Promise((resolve) => answers.push(() => resolve('words')));
    });
    await dictated.start();
    const { sound } = endingIn(HOURS);
    const times = 80;
    let heard = 0;
    const speaking = (async () => {
      for (; heard < times; heard += 1) await dictated.hear(sound, sound.length);
    })();
    // Until it waits for the next audio.
    for (let before = -1; before !== heard;) {
      before = heard;
      for (let turn = 0; turn < 500; turn += 1) await new Promise(setImmediate);
    }
    expect(heard).toBeGreaterThan(20);
    expect(heard).toBeLessThan(times);
    const answering = setInterval(() => answers.splice(0).forEach((answer) => answer()), 1);
    await speaking;
    await dictated.dictation.take({ type: 'stop' });
    clearInterval(answering);
    expect(dictated.of('error')).toEqual([]);
    const starts = dictated.of('transcription').map(({ startMs }) => startMs!);
    expect(starts).toHaveLength(times);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    // The four at once, a guess and what has been said so far.
    expect(most).toBeLessThanOrEqual(6);
    dictated.dictation.close();
  });

  it('reports where a text is missing, and the progress of transcription', async () => {
    const dictated = new Dictated(() =>
      Promise.reject(new ServiceError('transcription', 'transcribing', { transient: true })),
    );
    await dictated.start();
    await dictated.hear(endingIn(HOURS).sound);
    await dictated.hear(new Int16Array(8_000 * 5));
    await dictated.dictation.take({ type: 'stop' });
    const [missing] = dictated.of('error');
    expect(missing!.message).toContain('did not answer');
    expect(missing!.endMs! - missing!.startMs!).toBeGreaterThan(1_000);
    const until = dictated.of('progress').map(({ untilMs }) => untilMs);
    expect(until.at(-1)).toBeGreaterThan(missing!.endMs!);
    expect(until.filter((ms) => ms > missing!.startMs!).length).toBeGreaterThan(0);
    dictated.dictation.close();
  });

  it('reports that the service refuses a clip, without a text about recordings', async () => {
    const refusal = 'it cannot use what it was sent (“Invalid file format”)';
    const refused = () =>
      Promise.reject(new ServiceError('transcription', 'transcribing', { transient: false, refusal }));
    const dictated = new Dictated(undefined, refused);
    await dictated.dictation.take({ type: 'audio', bytes: Buffer.from('OggS and nothing of the kind') });
    await expect.poll(() => dictated.of('error').length).toBe(1);
    expect(dictated.of('error')[0]!.message).toBe(
      `The transcription service refused: ${refusal}. The clip is not transcribed.`,
    );
    dictated.dictation.close();
  });

  it('yields to the event loop within a long message', async () => {
    const dictated = new Dictated();
    await dictated.start();
    let turns = 0;
    const count = (): void => {
      turns += 1;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    await dictated.dictation.take({ type: 'audio', bytes: new Uint8Array(16 * 10_000) });
    clearImmediate(next);
    // A turn for each 50 ms of the ten seconds.
    expect(turns).toBeGreaterThanOrEqual(200);
    dictated.dictation.close();
  });

  it('accepts a minute of audio in a message, and refuses more with an error', async () => {
    const dictated = new Dictated();
    await dictated.start();
    await dictated.dictation.take({ type: 'audio', bytes: new Uint8Array(16 * 60_000 + 2) });
    expect(dictated.of('error')[0]!.message).toContain('at most 60 seconds');
    await dictated.dictation.take({ type: 'audio', bytes: new Uint8Array(16 * 60_000) });
    expect(dictated.of('error')).toHaveLength(1);
    dictated.dictation.close();
  });
});
