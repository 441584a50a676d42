import type { RecordedSpeech } from '../../src/simulator/fixtures/recorded-speech.ts';

/** Features every 20 ms, each over 40 ms. */
const HOP_SAMPLES = 160;
const WINDOW_SAMPLES = 320;
/** What is quieter (dB below full scale) is silence: line noise and echo must not matter. */
const FLOOR_DBFS = -45;
/**
 * Minimum correlation of two recordings of the same utterance. Measured over the recordings: the same one over a line with
 * noise and lost frames 0.98 and more, through a browser that turns its microphone up 7 dB and clips it 0.93 and more;
 * another one at most 0.85 as a whole, 0.945 in a part.
 */
const SAME_WHOLE = 0.88;
const SAME_PART = 0.955;
/** This share of an utterance may be lost on the way; what is known to be this far above the floor is loud. */
const LOST_SHARE = 0.12;
const LOUD_DB = 12;
/** From this share on, what is missing is a trimmed pause. */
const WHOLE_SHARE = 0.85;
/** At least this much of an utterance must be there to be recognised. */
const LEAST_FRAMES = 25;
const LEAST_SHARE = 0.3;

interface Shape {
  readonly frames: number;
  /** Loudness and brightness in turn. */
  readonly values: Float32Array;
}

interface Match {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly score: number;
}

/** Recognises recorded utterances in what came over the telephone, by the shape of their loudness. */
export class UtteranceMatcher {
  readonly #known: readonly { readonly text: string; readonly shape: Shape }[];

  constructor(utterances: readonly Pick<RecordedSpeech, 'text' | 'pcm'>[]) {
    this.#known = utterances.map(({ text, pcm }) => ({ text, shape: shapeOf(pcm) }));
  }

  /**
   * The text of `pcm` (8 kHz): all utterances found in it, in order; of one that is cut off only the words that
   * are there. Undefined when nothing known is found.
   */
  recognise(pcm: Int16Array): string | undefined {
    const heard = shapeOf(pcm);
    const candidates = this.#known.flatMap(({ text, shape }) => bestMatch(heard, shape, text) ?? []);
    candidates.sort((a, b) => b.score * (b.to - b.from) - a.score * (a.to - a.from));
    const chosen: Match[] = [];
    for (const match of candidates) {
      if (chosen.every((other) => match.from >= other.to - 5 || match.to <= other.from + 5))
        chosen.push(match);
    }
    chosen.sort((a, b) => a.from - b.from);
    return chosen.length > 0 ? chosen.map((match) => match.text).join(' ') : undefined;
  }
}

function bestMatch(heard: Shape, known: Shape, text: string): Match | undefined {
  const least = Math.min(known.frames, Math.max(LEAST_FRAMES, Math.ceil(known.frames * LEAST_SHARE)));
  let best: Match | undefined;
  for (let lag = least - known.frames; lag <= heard.frames - least; lag++) {
    const from = Math.max(0, lag);
    const to = Math.min(heard.frames, lag + known.frames);
    const score = correlation(heard, from, known, from - lag, to - from);
    // A longer match is worth a little less likeness.
    const better = !best || score * (to - from) > best.score * (best.to - best.from);
    const same = to - from > WHOLE_SHARE * known.frames ? SAME_WHOLE : SAME_PART;
    if (score >= same && better) {
      best = {
        text: wordsBetween(text, (from - lag) / known.frames, (to - lag) / known.frames),
        from,
        to,
        score,
      };
    }
  }
  return best;
}

/** The words in a share of the text; a little missing at the ends is a trimmed pause, not a missing word. */
function wordsBetween(text: string, from: number, to: number): string {
  if (from < 0.12 && to > 0.88) return text;
  const words = text.split(' ');
  return words.slice(Math.round(from * words.length), Math.floor(to * words.length)).join(' ');
}

function shapeOf(pcm: Int16Array): Shape {
  const frames = Math.max(1, Math.floor((pcm.length - WINDOW_SAMPLES) / HOP_SAMPLES) + 1);
  const values = new Float32Array(frames * 2);
  for (let frame = 0; frame < frames; frame++) {
    let power = 0;
    let difference = 0;
    let before = 0;
    for (let i = frame * HOP_SAMPLES; i < frame * HOP_SAMPLES + WINDOW_SAMPLES; i++) {
      const sample = (pcm[i] ?? 0) / 32_768;
      power += sample * sample;
      difference += (sample - before) ** 2;
      before = sample;
    }
    values[frame * 2] = aboveFloor(power / WINDOW_SAMPLES);
    values[frame * 2 + 1] = aboveFloor(difference / WINDOW_SAMPLES);
  }
  return { frames, values };
}

function aboveFloor(power: number): number {
  return Math.max(0, 10 * Math.log10(power + 1e-12) - FLOOR_DBFS);
}

/**
 * Pearson's correlation of loudness and brightness over `frames` frames. Lost frames (silent in what was heard, loud in
 * the known recording) are left out, up to `LOST_SHARE`.
 */
function correlation(a: Shape, fromA: number, b: Shape, fromB: number, frames: number): number {
  let count = 0;
  let forgiven = frames * 2 * LOST_SHARE;
  let sumA = 0;
  let sumB = 0;
  let sumAA = 0;
  let sumBB = 0;
  let sumAB = 0;
  for (let i = 0; i < frames * 2; i++) {
    const x = a.values[fromA * 2 + i] ?? 0;
    const y = b.values[fromB * 2 + i] ?? 0;
    if (x === 0 && y > LOUD_DB && forgiven-- > 0) continue;
    count++;
    sumA += x;
    sumB += y;
    sumAA += x * x;
    sumBB += y * y;
    sumAB += x * y;
  }
  const spread = Math.sqrt((sumAA - (sumA * sumA) / count) * (sumBB - (sumB * sumB) / count));
  return spread > 0 ? (sumAB - (sumA * sumB) / count) / spread : 0;
}
