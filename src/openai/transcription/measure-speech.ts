import { loudnessDbfs } from '../../audio/loudness.ts';
import { TELEPHONE_HZ } from '../../audio/telephone.ts';
import { readWavHeader } from '../../audio/wav/wav-header.ts';
import { type Heard, HISS_DBFS, QUIET_DBFS } from './hallucination-filter.ts';

const WINDOW_MS = 20;

/** 16-bit samples of one channel. */
export interface Samples {
  readonly pcm: Int16Array;
  readonly sampleRateHz: number;
}

/** The samples of an utterance: a WAV file of 16-bit PCM, mono. */
export function samplesOf(wav: Uint8Array): Samples {
  const header = readWavHeader(wav);
  const bytes = wav.subarray(header?.dataAt ?? 0);
  const pcm = new Int16Array(bytes.length >> 1);
  new Uint8Array(pcm.buffer).set(bytes.subarray(0, pcm.byteLength));
  return { pcm, sampleRateHz: header?.sampleRateHz ?? TELEPHONE_HZ };
}

/** The samples of a range in milliseconds, as far as there are any. */
export function samplesBetween({ pcm, sampleRateHz }: Samples, fromMs: number, toMs: number): Samples {
  const at = (ms: number) => Math.max(0, Math.round((ms * sampleRateHz) / 1_000));
  return { pcm: pcm.subarray(at(fromMs), at(toMs)), sampleRateHz };
}

export function measureSpeech({ pcm, sampleRateHz }: Samples): Heard {
  const windowSamples = Math.max(1, Math.round((sampleRateHz * WINDOW_MS) / 1_000));
  const heard = { soundMs: 0, loudMs: 0, peakDbfs: -Infinity };
  for (let at = 0; at < pcm.length; at += windowSamples) {
    const dbfs = loudnessDbfs(pcm.subarray(at, at + windowSamples));
    heard.peakDbfs = Math.max(heard.peakDbfs, dbfs);
    if (dbfs > HISS_DBFS) heard.soundMs += WINDOW_MS;
    if (dbfs >= QUIET_DBFS) heard.loudMs += WINDOW_MS;
  }
  return heard;
}
