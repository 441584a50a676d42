import { beforeAll, describe, expect, it } from 'vitest';
import { loadResampler } from '../../src/audio/resampler.ts';
import { recordedSpeechOf } from '../../src/replay/recorded-speech.ts';
import { UtteranceCutter } from '../../src/turns/utterance-cutter.ts';
import { loadVoiceActivity, VoiceActivity } from '../../src/turns/voice-activity.ts';
import { Dictation } from '../../src/web/dictation.ts';
import { END_OF_UTTERANCE_MS } from '../../src/microphone-room.ts';

const MESSAGE_SAMPLES = 160;
/** The service is asked no later than this after the last word. */
const ASKED_WITHIN_MS = 300;

beforeAll(() => Promise.all([loadResampler(), loadVoiceActivity()]));

/** When, in sound, each text was asked for, of sound of 8 kHz that comes message by message. */
function dictate(pcm: Int16Array): readonly number[] {
  const askedMs: number[] = [];
  let heardMs = 0;
  const turns = { preRollMs: 300, minSpeechMs: 120, bargeInMs: 400, longestUtteranceMs: 30_000 };
  const dictation = new Dictation({
    transcriber: {
      transcribeClip: () => {
        askedMs.push(heardMs);
        return Promise.resolve('words');
      },
    },
    cutter: (sampleRateHz) =>
      new UtteranceCutter({
        ...{ sampleRateHz, judge: new VoiceActivity() },
        turns: { ...turns, endOfTurnMs: END_OF_UTTERANCE_MS },
      }),
    now: () => heardMs,
    send: () => undefined,
    failed: (error) => expect.unreachable(String(error)),
  });
  dictation.take({ type: 'start', encoding: 'pcm16', sampleRate: 8_000 });
  for (let at = 0; at < pcm.length; at += MESSAGE_SAMPLES) {
    const { buffer, byteOffset, byteLength } = pcm.subarray(at, at + MESSAGE_SAMPLES);
    heardMs += byteLength / 16;
    dictation.take({ type: 'audio', audio: Buffer.from(buffer, byteOffset, byteLength).toString('base64') });
  }
  dictation.close();
  return askedMs;
}

describe('dictation', () => {
  it('asks for the text of an utterance within 300 ms of its end', () => {
    const { pcm } = recordedSpeechOf('caller-what-are-your-opening-hours');
    const lastLoud = pcm.findLastIndex((sample) => Math.abs(sample) > 1_000);
    const sound = new Int16Array(lastLoud + 1 + 8_000);
    sound.set(pcm.subarray(0, lastLoud + 1));
    const endMs = lastLoud / 8;
    const after = dictate(sound).filter((ms) => ms > endMs);
    expect(after).toHaveLength(1);
    expect(after[0]! - endMs).toBeLessThanOrEqual(ASKED_WITHIN_MS);
  });
});
