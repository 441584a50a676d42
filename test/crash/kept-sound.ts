import { readFileSync } from 'node:fs';
import path from 'node:path';
import { decodeMulaw } from '../../src/audio/mulaw.ts';
import { readWav } from '../../src/audio/wav/wav.ts';
import type { CallRecord } from '../../src/records/call-record.ts';

export interface KeptCall {
  readonly json: CallRecord;
  readonly caller: Int16Array;
  readonly assistant: Int16Array;
}

export function readJson(folder: string, callSid: string): CallRecord {
  return JSON.parse(readFileSync(path.join(folder, `call_${callSid}.json`), 'utf8')) as CallRecord;
}

/** A finished call whose recording is a stereo WAV. */
export function readKept(folder: string, callSid: string): KeptCall {
  const json = readJson(folder, callSid);
  const { pcm } = readWav(readFileSync(path.join(folder, json.audio!.file)));
  return { json, caller: pcm[0]!, assistant: pcm[1]! };
}

/** How many of the first `samples` differ from the μ-law track, which began at sample `from` of `kept`. */
export function differing(kept: Int16Array, from: number, track: Uint8Array, samples: number): number {
  const pcm = decodeMulaw(track.subarray(0, samples));
  let count = 0;
  for (let at = 0; at < samples; at += 1) if ((pcm[at] ?? 0) !== (kept[from + at] ?? 0)) count += 1;
  return count;
}

/** How much of a side is not silent. */
export function soundingMs(pcm: Int16Array): number {
  let count = 0;
  for (const sample of pcm) if (sample !== 0) count += 1;
  return count / 8;
}

/** Silence of this length parts two pieces of sound; sound shorter than this says little. */
const PAUSE_SAMPLES = 800;
const LEAST_SAMPLES = 1_600;
const FARTHEST_SAMPLES = 800;

export interface Placing {
  readonly atMs: number;
  /** How much later the piece is in the recording than it was played, and their correlation there. */
  readonly lateMs: number;
  readonly alike: number;
}

/** Compares the position of each piece in the recording with when it was played. Sample 0 of `played` is sample `from` of `kept`. */
export function placings(kept: Int16Array, from: number, played: Uint8Array): Placing[] {
  const pcm = decodeMulaw(played);
  return pieces(pcm).map(([start, end]) => {
    let best = { atMs: start / 8, lateMs: 0, alike: -1 };
    for (let lag = -FARTHEST_SAMPLES; lag <= FARTHEST_SAMPLES; lag += 1) {
      const alike = likeness(pcm, kept, start, end, from + lag);
      if (alike > best.alike) best = { ...best, lateMs: lag / 8, alike };
    }
    return best;
  });
}

function pieces(pcm: Int16Array): [number, number][] {
  const found: [number, number][] = [];
  let start = -1;
  let quiet = 0;
  for (let at = 0; at <= pcm.length; at += 1) {
    const sounds = at < pcm.length && pcm[at] !== 0;
    if (sounds && start < 0) start = at;
    quiet = sounds ? 0 : quiet + 1;
    if (start < 0 || (quiet < PAUSE_SAMPLES && at < pcm.length)) continue;
    if (at - quiet - start >= LEAST_SAMPLES) found.push([start, at - quiet]);
    start = -1;
  }
  return found;
}

function likeness(a: Int16Array, b: Int16Array, start: number, end: number, shift: number): number {
  let both = 0;
  let one = 0;
  let other = 0;
  for (let at = start; at < end; at += 5) {
    const x = a[at]!;
    const y = b[at + shift] ?? 0;
    both += x * y;
    one += x * x;
    other += y * y;
  }
  return both / Math.sqrt(one * other + 1);
}
