import type { TranscriptTurn } from '../records/text/transcript.ts';
import type { DeskCall } from './desk-messages.ts';

/** The latest turns of a live call that an operator gets when they start to watch; earlier ones are in the catalogue. */
const MAX_TURNS = 300;

/** The latest turns of each live call, in order of their first appearance. */
export class LiveTurns {
  readonly #turns = new Map<string, Map<string, TranscriptTurn>>();

  /** Adds new turns and replaces changed ones. */
  put(callSid: string, turns: readonly TranscriptTurn[]): void {
    const kept = this.#turns.get(callSid) ?? new Map<string, TranscriptTurn>();
    this.#turns.set(callSid, kept);
    for (const turn of turns) kept.set(turn.id, turn);
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_TURNS) break;
      kept.delete(oldest);
    }
  }

  of(callSid: string): TranscriptTurn[] {
    return [...(this.#turns.get(callSid)?.values() ?? [])];
  }

  /** The text of the latest turn that has one. */
  lastWords(callSid: string): DeskCall['lastWords'] {
    let last: TranscriptTurn | undefined;
    for (const turn of this.#turns.get(callSid)?.values() ?? [])
      if (turn.text && (!last || turn.startMs >= last.startMs)) last = turn;
    return last && { speaker: last.speaker, text: last.text! };
  }

  forget(callSid: string): void {
    this.#turns.delete(callSid);
  }
}
