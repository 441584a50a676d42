import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { LARGEST_PAGE } from '../../../src/catalogue/catalogue.ts';
import type { CallReport, StreamReport } from '../../../src/simulator/call-report.ts';
import { differing, type KeptCall, placings, readKept } from '../../crash/kept-sound.ts';
import { ffprobe } from '../../support/ffprobe.ts';
import type { TelephoneSystem } from './telephone-system.ts';

/** Of caller audio, beyond the time without a stream. */
const STATED_LOSS_MS = 300;
/** A piece of the assistant's audio, without network delay (DESIGN.md). */
const PLACED_WITHIN_MS = 20;
const LEAST_LIKENESS = 0.98;
/** Between two streams, as far as Twilio's requests differ in their time on the way. */
const GAP_WITHIN_MS = 200;

/** From the start of the stream to the first sound of our side; Infinity if there was none. */
export function firstSoundMs({ playedAssistant }: StreamReport): number {
  const first = playedAssistant.findIndex((byte) => byte !== 0xff && byte !== 0x7f);
  return first < 0 ? Infinity : first / 8;
}

/** Checks that a call has one set of files in the store and one entry, and that they agree. Returns the record and its audio. */
export async function checkedFiles(system: TelephoneSystem, callSid: string): Promise<KeptCall> {
  const folder = await system.completed(callSid);
  const kept = readKept(folder, callSid);
  const { json } = kept;
  const nameOf = (end: string): string => path.join(folder, `call_${callSid}${end}`);
  expect.soft(system.stored(callSid), 'files in the store').toHaveLength(4);
  const { channels, durationS } = ffprobe(nameOf('_conversation.wav'));
  expect.soft(channels).toBe(2);
  expect.soft(Math.abs(durationS! * 1_000 - json.durationMs), 'length of the recording').toBeLessThan(1);
  const transcript = readFileSync(nameOf('.txt'), 'utf8').trimEnd();
  // A turn in which no words were recognised has an empty text.
  const texts = json.turns.flatMap(({ text }) => (text === '' ? [] : [text]));
  expect.soft(transcript.split('\n')).toHaveLength(texts.length);
  expect.soft(readFileSync(nameOf('_summary.txt'), 'utf8')).toContain(transcript);
  const entry = await system.catalogue.get(callSid);
  expect.soft(entry?.turns.flatMap(({ text }) => (text === '' ? [] : [text]))).toEqual(texts);
  const { items } = await system.catalogue.list({}, { limit: LARGEST_PAGE });
  expect
    .soft(
      items.filter((call) => call.callSid === callSid),
      'catalogue entries',
    )
    .toHaveLength(1);
  return kept;
}

/**
 * Checks the record of a call that had a stream at each of two machines, one after the other. Returns how much caller audio is missing
 * beyond the time without a stream, in milliseconds.
 */
export function checkContinued({ json, caller, assistant }: KeptCall, { streams }: CallReport): number {
  expect(json.streams.map(({ streamSid }) => streamSid)).toEqual(streams.map(({ streamSid }) => streamSid));
  const [before, after] = streams;
  const keptMs = json.streams[0]!.lengthMs;
  expect.soft(differing(caller, 0, before!.callerTrack, Math.round(keptMs * 8)), 'caller before').toBe(0);
  const from = Math.round(json.streams[1]!.startMs * 8);
  const joined = Math.min(after!.callerTrack.length, caller.length - from);
  expect.soft(differing(caller, from, after!.callerTrack, joined), 'caller after').toBe(0);
  const apartMs = after!.startedAtMs - before!.startedAtMs;
  expect.soft(Math.abs(json.streams[1]!.startMs - apartMs), 'length of the gap').toBeLessThan(GAP_WITHIN_MS);
  const heard = [
    ...placings(assistant, 0, before!.playedAssistant.subarray(0, Math.round(keptMs * 8))),
    ...placings(assistant, from, after!.playedAssistant),
  ];
  for (const { lateMs, alike, atMs } of heard) {
    expect.soft(Math.abs(lateMs), `place of the piece at ${atMs} ms`).toBeLessThanOrEqual(PLACED_WITHIN_MS);
    expect.soft(alike, `likeness of the piece at ${atMs} ms`).toBeGreaterThan(LEAST_LIKENESS);
  }
  const lossMs = before!.readUntilMs - keptMs;
  expect.soft(lossMs, 'lost caller audio').toBeLessThanOrEqual(STATED_LOSS_MS);
  return Math.max(0, lossMs);
}
