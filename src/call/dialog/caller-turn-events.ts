import type { TurnEvent } from '../../audio/speech/turn-detector.ts';
import type { Answerer } from './answerer.ts';
import type { UtteranceTranscription } from './utterance-transcription.ts';

export interface CallerTurnEventsOptions {
  /** Whoever answers now; undefined once the call is being ended. */
  readonly answering: () => Answerer | undefined;
  readonly utterances: UtteranceTranscription;
  /** Whether something of ours is being heard. */
  readonly audible: (atMs: number) => boolean;
  readonly callMs: (atMs: number) => number;
}

/** Tells whoever answers what the caller's voice does, and has what was said written down. */
export class CallerTurnEvents {
  readonly #parts: CallerTurnEventsOptions;
  /** The caller spoke long enough to interrupt. */
  #insisted = false;

  constructor(parts: CallerTurnEventsOptions) {
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
