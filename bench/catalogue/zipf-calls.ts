import type { CatalogueEntry } from '../../src/records/call-entry.ts';
import type { TranscriptTurn } from '../../src/records/text/transcript.ts';
import { seededRandom } from '../../src/simulator/seeded-random.ts';

const VOCABULARY = 30_000;
const TURNS = 20;
const FIRST_CALL_MS = Date.UTC(2025, 0, 1);
/** The interval between calls is three minutes: 100,000 calls are seven months. */
const APART_MS = 180_000;
const CONSONANTS = 'bcdfghklmnprstvw';
const VOWELS = 'aeiou';

/**
 * Generates calls of 20 turns with Zipf-distributed words: the most common word occurs in most turns, the next half as
 * often, the third a third as often; every third turn has a number and every tenth a date. The same `seed` generates
 * the same calls.
 */
export class ZipfCalls {
  readonly words: readonly string[] = Array.from({ length: VOCABULARY }, (_, rank) => wordOf(rank));
  readonly #shares: Float64Array;
  /** In [0, 1). */
  readonly random: () => number;

  constructor(seed = 1) {
    this.random = seededRandom(seed);
    this.#shares = new Float64Array(VOCABULARY);
    let sum = 0;
    for (let rank = 0; rank < VOCABULARY; rank++) {
      sum += 1 / (rank + 2.7);
      this.#shares[rank] = sum;
    }
  }

  call(index: number): CatalogueEntry {
    const startedAtMs = FIRST_CALL_MS + index * APART_MS + Math.floor(this.random() * 1_000);
    const turns = Array.from({ length: TURNS }, (_, turn) => this.#turn(turn));
    const durationMs = turns.at(-1)!.endMs + 500;
    return {
      callSid: `CA${index.toString(16).padStart(32, '0')}`,
      from: `+49${this.below(1e9).toString().padStart(9, '0')}`,
      to: '+4930901820',
      ...{ startedAtMs, completedAtMs: startedAtMs + durationMs, durationMs },
      ...{ state: 'finished', format: 'mp3', endReason: 'caller hung up' },
      outcome: this.random() < 0.02 ? 'failed' : 'conversation',
      summary: this.#sentence(30),
      ...{ summaryBy: 'chat', pending: 0 },
      keywords: [this.word(), this.word(), this.word()],
      files: [
        { kind: 'recording', name: `call_${index}.mp3`, sizeBytes: 1_000_000, sha256: 'ab'.repeat(32) },
      ],
      notes: [],
      turns,
    };
  }

  /** A random word, with the frequency of its rank. */
  word(): string {
    const share = this.random() * this.#shares.at(-1)!;
    let [low, high] = [0, VOCABULARY - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#shares[middle]! < share) low = middle + 1;
      else high = middle;
    }
    return this.words[low]!;
  }

  /** A random non-negative integer. */
  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  #turn(turn: number): TranscriptTurn {
    const caller = turn % 2 === 1;
    const startMs = turn * 6_000 + this.below(500);
    return {
      id: caller ? `caller-${turn}` : `reply-${turn}`,
      speaker: caller ? 'caller' : 'assistant',
      kind: 'speech',
      ...{ startMs, endMs: startMs + 4_500, text: this.#text(), cut: false },
      ...(caller ? { pending: false, turn } : { evidence: 'acked' }),
    };
  }

  #text(): string {
    const parts = [this.#sentence(4 + this.below(20))];
    if (this.random() < 1 / 3) parts.push(`number ${1_000 + this.below(9_000)}`);
    if (this.random() < 0.1)
      parts.push(`from 20${10 + this.below(16)}-${String(1 + this.below(12)).padStart(2, '0')}`);
    return parts.join(' ');
  }

  #sentence(length: number): string {
    return `${Array.from({ length }, () => this.word()).join(' ')}.`;
  }
}

/** A pronounceable word; rarer words have more syllables. */
function wordOf(rank: number): string {
  let word = '';
  for (let left = rank + 1; left > 0; left = Math.floor(left / 80))
    word += CONSONANTS[left % 16]! + VOWELS[Math.floor(left / 16) % 5]!;
  return word;
}
