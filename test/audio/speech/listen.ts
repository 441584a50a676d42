import { loudnessDbfs } from '../../../src/audio/loudness.ts';
import { encodeMulaw } from '../../../src/audio/mulaw.ts';
import { TurnDetector, type TurnEvent } from '../../../src/audio/speech/turn-detector.ts';
import { VoiceActivity } from '../../../src/audio/speech/voice-activity.ts';
import { recordedSpeech, type RecordedSpeech } from '../../../src/simulator/fixtures/recorded-speech.ts';
import { seededRandom } from '../../../src/simulator/seeded-random.ts';
import { USUAL } from '../../call/rehearsed-call.ts';

export const SETTINGS = USUAL.turns;

/** An event, and the stream time at which it became known. */
export type Known = TurnEvent & { readonly knownAtMs: number };

/** Everything that a detector says of a sound. `own`: how loud our own voice is at each 20 ms. */
export function listen(pcm: Int16Array, own: (frame: number) => number = () => -100): Known[] {
  const judge = new VoiceActivity();
  const detector = new TurnDetector(SETTINGS, judge);
  const mulaw = encodeMulaw(pcm);
  const events: Known[] = [];
  for (let at = 0; at < mulaw.length; at += 160) {
    const atMs = at / 8;
    for (const event of detector.hear(atMs, mulaw.subarray(at, at + 160), own(at / 160)))
      events.push({ ...event, knownAtMs: atMs + 20 });
  }
  judge.release();
  return events;
}

export function kindsOf(events: readonly TurnEvent[]): string[] {
  return events.map((event) => event.kind);
}

export function join(...parts: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function silenceOf(ms: number): Int16Array {
  return new Int16Array(ms * 8);
}

/** The sum of two sounds, the second one changed by so many decibels; as long as the first. */
export function over(pcm: Int16Array, other: Int16Array, db = 0): Int16Array {
  const gain = 10 ** (db / 20);
  return pcm.map((sample, i) =>
    Math.max(-32_768, Math.min(32_767, Math.round(sample + (other[i] ?? 0) * gain))),
  );
}

export function noise(ms: number, dbfs: number, seed = 1): Int16Array {
  const random = seededRandom(seed);
  const peak = 32_768 * 10 ** (dbfs / 20) * Math.sqrt(3);
  return Int16Array.from({ length: ms * 8 }, () => Math.round((random() * 2 - 1) * peak));
}

/** Where a recording's words begin and end, milliseconds, as far as loudness can tell. */
export function wordsOf(pcm: Int16Array): { fromMs: number; toMs: number } {
  const loud: number[] = [];
  for (let at = 0; at + 160 <= pcm.length; at += 160)
    if (loudnessDbfs(pcm.subarray(at, at + 160)) > -45) loud.push(at / 8);
  return { fromMs: loud[0]!, toMs: loud.at(-1)! + 20 };
}

export function callers(): RecordedSpeech[] {
  return [...recordedSpeech().values()].filter(({ speaker }) => speaker === 'caller');
}
