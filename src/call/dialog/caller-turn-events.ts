import type { TurnEvent } from '../../audio/speech/turn-detector.ts';
import type { Behaviour } from './answerer.ts';
import type { Utterances } from './utterance-transcription.ts';

export interface CallerTurnsParts {
  /** Whoever answers now; undefined once the call is being ended. */
  readonly answering: () => Behaviour | undefined;
  readonly utterances: Utterances;
  /** Whether something of ours is being heard. */
  readonly audible: (atMs: number) => boolean;
  readonly callMs: (atMs: number) => number;
}

/** Tells whoever answers what the caller's voice does, and has what was said written down. */
export class CallerTurns {
  readonly #parts: CallerTurnsParts;
  /** The caller spoke long enough to interrupt. */
  #insisted = false;

  constructor(parts: CallerTurnsParts) {
    this.#parts = parts;
  }

  take(events: readonly TurnEvent[], atMs: number): void {
    for (const event of events) this.#take(event, atMs);
  }

  #take(event: TurnEvent, atMs: number): void {
    const answering = this.#parts.answering();
    switch (event.kind) {
      case 'started':
        this.#insisted = false;
        answering?.callerStarted(atMs);
        break;
      case 'insisted':
        this.#insisted = true;
        answering?.callerInsisted(atMs);
        break;
      case 'dismissed':
        answering?.callerDismissed(atMs);
        break;
      case 'finished':
        this.#finished(event, atMs);
        break;
    }
  }

  #finished(spoken: Extract<TurnEvent, { kind: 'finished' }>, atMs: number): void {
    const { utterances, audible, callMs, answering } = this.#parts;
    const aside = !this.#insisted && audible(atMs);
    const { turn, ask } = utterances.enter(spoken, atMs);
    const silentMs = Math.max(0, callMs(atMs) - spoken.endMs);
    answering()?.utterance(turn, aside, silentMs, atMs);
    ask?.();
  }
}
