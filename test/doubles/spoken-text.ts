import { recordedSpeech } from '../../src/simulator/fixtures/recorded-speech.ts';
import { plainWords } from './plain-words.ts';

/** The rate of OpenAI's `pcm` format. */
export const SPEECH_RATE_HZ = 24_000;
const TIMES_TELEPHONE = 3;
/** Silence between two sentences of one text. */
export const GAP_MS = 150;
const MS_PER_LETTER = 65;
const LEAST_TONE_MS = 400;
const TONE_DBFS = -20;
const TAPS_EACH_SIDE = 8;

/** The tone that stands for a sentence without a recording: always the same one, 24 different pitches. */
export function toneOf(sentence: string): { readonly hz: number; readonly durationMs: number } {
  const words = plainWords(sentence);
  let hash = 17;
  for (const letter of words) hash = (Math.imul(hash, 31) + (letter.codePointAt(0) ?? 0)) >>> 0;
  return { hz: 300 + (hash % 24) * 100, durationMs: Math.max(LEAST_TONE_MS, words.length * MS_PER_LETTER) };
}

/**
 * 16-bit samples at 24 kHz of `text`: from recordings where all of it is recorded, else (and always with `tonesOnly`)
 * a tone for each sentence.
 */
export function spokenText(text: string, tonesOnly = false): Int16Array {
  const recordings = tonesOnly ? undefined : recordingsOf(text);
  if (recordings) return joined(recordings.map(upsampled));
  const sentences = text.match(/[^.!?]+[.!?]*/g)?.filter((sentence) => plainWords(sentence) !== '') ?? [];
  return joined(sentences.map((sentence) => tone(toneOf(sentence))));
}

/** Recordings that together say exactly `text`, longest first at each place. */
function recordingsOf(text: string): Int16Array[] | undefined {
  const assistant = [...recordedSpeech().values()]
    .filter(({ speaker }) => speaker === 'assistant')
    .map(({ text: said, pcm }) => ({ words: plainWords(said), pcm }))
    .sort((a, b) => b.words.length - a.words.length);
  const found: Int16Array[] = [];
  let rest = plainWords(text);
  while (rest !== '') {
    const next = assistant.find(({ words }) => words !== '' && `${rest} `.startsWith(`${words} `));
    if (!next) return undefined;
    found.push(next.pcm);
    rest = rest.slice(next.words.length).trim();
  }
  return found;
}

function joined(pieces: readonly Int16Array[]): Int16Array {
  const gap = (GAP_MS * SPEECH_RATE_HZ) / 1000;
  const lengths = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const all = new Int16Array(lengths + gap * Math.max(0, pieces.length - 1));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length + gap;
  }
  return all;
}

function tone({ hz, durationMs }: { readonly hz: number; readonly durationMs: number }): Int16Array {
  const amplitude = 32_768 * Math.SQRT2 * 10 ** (TONE_DBFS / 20);
  const samples = Math.round((durationMs * SPEECH_RATE_HZ) / 1000);
  const fade = (8 * SPEECH_RATE_HZ) / 1000;
  return Int16Array.from({ length: samples }, (_, i) => {
    const edge = Math.min(1, (i + 1) / fade, (samples - i) / fade);
    return amplitude * edge * Math.sin((2 * Math.PI * hz * i) / SPEECH_RATE_HZ);
  });
}

const upsampledBefore = new WeakMap<Int16Array, Int16Array>();

/** 8 kHz to 24 kHz: two samples between each pair, by a windowed sinc. Each recording is done once. */
function upsampled(pcm: Int16Array): Int16Array {
  const before = upsampledBefore.get(pcm);
  if (before) return before;
  const phases = Array.from({ length: TIMES_TELEPHONE }, (_, phase) =>
    Array.from({ length: 2 * TAPS_EACH_SIDE }, (_, tap) =>
      sinc(phase / TIMES_TELEPHONE - tap + TAPS_EACH_SIDE - 1),
    ),
  );
  const made = Int16Array.from({ length: pcm.length * TIMES_TELEPHONE }, (_, i) => {
    const base = Math.floor(i / TIMES_TELEPHONE) - TAPS_EACH_SIDE + 1;
    const taps = phases[i % TIMES_TELEPHONE] ?? [];
    const value = taps.reduce((sum, weight, tap) => sum + weight * (pcm[base + tap] ?? 0), 0);
    return Math.max(-32_768, Math.min(32_767, Math.round(value)));
  });
  upsampledBefore.set(pcm, made);
  return made;
}

function sinc(distance: number): number {
  if (distance === 0) return 1;
  const x = Math.PI * distance;
  return (Math.sin(x) / x) * Math.cos((Math.PI / 2) * (distance / TAPS_EACH_SIDE)) ** 2;
}
