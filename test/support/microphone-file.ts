import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeWav } from '../../src/audio/wav/wav.ts';
import { recordedSpeechOf } from '../../src/simulator/fixtures/recorded-speech.ts';

const RATE_HZ = 48_000;
const TIMES_TELEPHONE = 6;

/** What a microphone hears, and from when on after it was opened. */
export interface Heard {
  readonly atMs: number;
  /** Of fixtures/audio. */
  readonly speech: string;
}

/** Writes a file for a browser's fake microphone, which hears silence but for these; gives what `startBrowser` wants of it. */
export function microphoneFile(
  folder: string,
  heard: readonly Heard[],
  lengthMs: number,
): { readonly wav: string } {
  const pcm = new Int16Array((lengthMs * RATE_HZ) / 1_000);
  for (const { atMs, speech } of heard)
    pcm.set(upsampled(recordedSpeechOf(speech).pcm), (atMs * RATE_HZ) / 1_000);
  const file = path.join(folder, `microphone-${randomUUID()}.wav`);
  writeFileSync(file, writeWav(pcm, RATE_HZ));
  return { wav: file };
}

/** In straight lines: the product's own low-pass takes away what that adds above the telephone's band. */
function upsampled(pcm: Int16Array): Int16Array {
  return Int16Array.from({ length: pcm.length * TIMES_TELEPHONE }, (_, i) => {
    const at = Math.floor(i / TIMES_TELEPHONE);
    const share = (i % TIMES_TELEPHONE) / TIMES_TELEPHONE;
    return Math.round(pcm[at]! * (1 - share) + (pcm[at + 1] ?? 0) * share);
  });
}
