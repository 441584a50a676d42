/** Samples at 8 kHz from the first to behind the last that is not silent. */
export interface SoundPiece {
  readonly from: number;
  readonly to: number;
}

/** How a piece of sound is found again in a recording. Milliseconds; positive: later than it was played. */
export interface FoundPiece {
  readonly piece: SoundPiece;
  readonly lagMs: number;
  readonly correlation: number;
  /** Its last audible sample against the true one: of a piece that was cut off, how well the cut is dated. */
  readonly endErrorMs: number;
}

const SAMPLES_PER_MS = 8;
/** Silence inside a word is shorter than this, and so is a gap that the network's jitter tears. */
const BETWEEN_PIECES_MS = 200;
/** Clicks are no pieces: nothing can be found by them. */
const LEAST_PIECE_MS = 40;
const REACH_MS = 90;
/** The first look takes every nth sample. */
const COARSE = 5;

/** The stretches of sound louder than `floor`; silence is exactly 0, as μ-law's 0xFF decodes. */
export function piecesOf(pcm: Int16Array, floor = 0): SoundPiece[] {
  const pieces: SoundPiece[] = [];
  let from = -1;
  let last = -1;
  for (let i = 0; i <= pcm.length; i++) {
    const sounds = i < pcm.length && Math.abs(pcm[i]!) > floor;
    if (sounds) {
      if (from < 0) from = i;
      last = i;
    } else if (from >= 0 && (i === pcm.length || i - last > BETWEEN_PIECES_MS * SAMPLES_PER_MS)) {
      if (last + 1 - from >= LEAST_PIECE_MS * SAMPLES_PER_MS) pieces.push({ from, to: last + 1 });
      from = -1;
    }
  }
  return pieces;
}

/** Looks for each piece of what was played in the recording, `atMs` later, by cross-correlation. */
export function findPieces(played: Int16Array, recorded: Int16Array, atMs = 0, floor = 0): FoundPiece[] {
  const at = Math.round(atMs * SAMPLES_PER_MS);
  const pieces = piecesOf(played, floor);
  return pieces.map((piece, index) => {
    const sound = played.subarray(piece.from, piece.to);
    const lag = bestLag(sound, recorded, piece.from + at);
    const start = piece.from + at + lag;
    const next = pieces[index + 1]?.from ?? played.length;
    const end = lastSound(recorded, start, Math.min(recorded.length, (piece.to + next) / 2 + at), floor);
    return {
      piece,
      lagMs: lag / SAMPLES_PER_MS,
      correlation: likeness(sound, recorded, start, 1),
      endErrorMs: (end - (piece.to + at)) / SAMPLES_PER_MS,
    };
  });
}

/** How much of a recording sounds where, within `toleranceMs`, nothing was played: milliseconds. */
export function strayMs(
  recorded: Int16Array,
  pieces: readonly SoundPiece[],
  toleranceMs: number,
  floor = 0,
): number {
  const reach = Math.ceil(toleranceMs * SAMPLES_PER_MS);
  let stray = 0;
  let next = 0;
  for (let i = 0; i < recorded.length; i++) {
    while (next < pieces.length && i >= pieces[next]!.to + reach) next += 1;
    const piece = pieces[next];
    if (Math.abs(recorded[i]!) > floor && (!piece || i < piece.from - reach)) stray += 1;
  }
  return stray / SAMPLES_PER_MS;
}

function bestLag(sound: Int16Array, recorded: Int16Array, at: number): number {
  const reach = REACH_MS * SAMPLES_PER_MS;
  const best = (from: number, to: number, step: number, every: number): number => {
    let found = from;
    let most = -Infinity;
    for (let lag = from; lag <= to; lag += step) {
      const like = likeness(sound, recorded, at + lag, every);
      if (like > most) [found, most] = [lag, like];
    }
    return found;
  };
  const near = best(-reach, reach, 1, COARSE);
  return best(near - 2 * COARSE, near + 2 * COARSE, 1, 1);
}

/** Normalised correlation of a sound with the recording from `at` on; 0 where one of them is silent. */
function likeness(sound: Int16Array, recorded: Int16Array, at: number, every: number): number {
  let both = 0;
  let ones = 0;
  let others = 0;
  for (let i = 0; i < sound.length; i += every) {
    const one = sound[i]!;
    const other = recorded[at + i] ?? 0;
    both += one * other;
    ones += one * one;
    others += other * other;
  }
  return ones > 0 && others > 0 ? both / Math.sqrt(ones * others) : 0;
}

/** Behind the last sample louder than `floor` in [from, to). */
function lastSound(pcm: Int16Array, from: number, to: number, floor: number): number {
  for (let i = Math.floor(to) - 1; i >= from; i--) if (Math.abs(pcm[i]!) > floor) return i + 1;
  return from;
}
