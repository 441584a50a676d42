import { loadVoiceActivity } from '../src/audio/speech/voice-activity.ts';
import { playTake, type TakeResult } from '../test/interruptions/play-take.ts';
import { sentences, SITUATIONS, takesOf } from '../test/interruptions/situations.ts';
import {
  interruptionRows,
  type InterruptionRow,
  type InterruptionShares,
  sharesOf,
} from '../test/interruptions/shares.ts';
import { percentile } from './percentile.ts';

export interface InterruptionBench {
  readonly rows: readonly InterruptionRow[];
  readonly shares: InterruptionShares;
  /** From the first sample of a sentence over a reply to silence at the phone: every recorded sentence of a caller. */
  readonly speech: { readonly count: number; readonly p50Ms: number; readonly p95Ms: number };
}

/** Plays so many takes of every sound over a reply, in virtual time. */
export async function benchInterruptions(takes: number): Promise<InterruptionBench> {
  await loadVoiceActivity();
  const results: TakeResult[] = [];
  for (const situation of SITUATIONS) {
    for (const take of takesOf(situation, takes)) results.push(await playTake(take));
  }
  const times: number[] = [];
  for (const sentence of sentences()) times.push((await playTake(sentence)).silentAfterMs ?? Infinity);
  return {
    rows: interruptionRows(results),
    shares: sharesOf(results),
    speech: { count: times.length, p50Ms: percentile(times, 50), p95Ms: percentile(times, 95) },
  };
}
