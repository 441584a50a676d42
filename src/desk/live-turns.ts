import type { TranscriptTurn } from '../records/text/transcript.ts';
import type { DeskCall } from './desk-messages.ts';

/** The latest turns of a live call that an operator gets when they start to watch; earlier ones are in the catalogue. */
const MAX_TURNS = 300;

interface CallTurns {
  readonly turns: Map<string, TranscriptTurn>;
  lastWords: DeskCall['lastWords'];
}

/** The latest turns of each live call, in order of their first appearance. */
export class LiveTurns {
  readonly #calls = new Map<string, CallTurns>();

  /** Adds new turns and replaces changed ones. */
  put(callSid: string, turns: readonly TranscriptTurn[]): void {
    const known = this.#calls.get(callSid) ?? {
      turns: new Map<string, TranscriptTurn>(),
      lastWords: undefined,
    };
    this.#calls.set(callSid, known);
    const kept = known.turns;
    for (const turn of turns) kept.set(turn.id, turn);
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_TURNS) break;
      kept.delete(oldest);
    }
    const words = lastWordsOf(kept.values());
    const same = words?.text === known.lastWords?.text && words?.speaker === known.lastWords?.speaker;
    if (!same) known.lastWords = words;
  }

  of(callSid: string): TranscriptTurn[] {
    return [...(this.#calls.get(callSid)?.turns.values() ?? [])];
  }

  /** The text of the latest turn that has one: the same object until it changes. */
  lastWords(callSid: string): DeskCall['lastWords'] {
    return this.#calls.get(callSid)?.lastWords;
  }

  forget(callSid: string): void {
    this.#calls.delete(callSid);
  }
}

function lastWordsOf(turns: Iterable<TranscriptTurn>): DeskCall['lastWords'] {
  let last: TranscriptTurn | undefined;
  for (const turn of turns) if (turn.text && (!last || turn.startMs >= last.startMs)) last = turn;
  return last && { speaker: last.speaker, text: last.text! };
}
