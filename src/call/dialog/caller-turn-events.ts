import type { TurnEvent } from '../../audio/speech/turn-detector.ts';
import type { Answerer } from './answerer.ts';
import type { UtteranceTranscription } from './utterance-transcription.ts';

/** What turn events need to know of their call. */
export interface TurnEventCall {
  /** The current answerer; undefined once our side is ending the call. */
  answerer(): Answerer | undefined;
  /** True while our side is audible to the caller. */
  audible(atMs: number): boolean;
  /** Our clock in call milliseconds. */
  callMs(atMs: number): number;
}

/** Passes the turn detector's events to the answerer and starts the transcription of each utterance. */
export class CallerTurnEvents {
  readonly #call: TurnEventCall;
  readonly #utterances: UtteranceTranscription;
  /** True if the current speech was long enough for a barge-in. */
  #bargedIn = false;

  constructor(call: TurnEventCall, utterances: UtteranceTranscription) {
    this.#call = call;
    this.#utterances = utterances;
  }

  take(events: readonly TurnEvent[], atMs: number): void {
    for (const event of events) this.#take(event, atMs);
  }

  #take(event: TurnEvent, atMs: number): void {
    const answerer = this.#call.answerer();
    switch (event.kind) {
      case 'started':
        this.#bargedIn = false;
        answerer?.callerStarted(atMs);
        break;
      case 'barge-in':
        this.#bargedIn = true;
        answerer?.callerBargedIn(atMs);
        break;
      case 'false-start':
        answerer?.falseStart(atMs);
        break;
      case 'finished':
        this.#finished(event, atMs);
        break;
    }
  }

  #finished(spoken: Extract<TurnEvent, { kind: 'finished' }>, atMs: number): void {
    const backchannel = !this.#bargedIn && this.#call.audible(atMs);
    const { turn, request } = this.#utterances.add(spoken, atMs);
    const silentMs = Math.max(0, this.#call.callMs(atMs) - spoken.endMs);
    const spokenMs = spoken.endMs - spoken.startMs;
    this.#call.answerer()?.utterance({ turn, backchannel, spokenMs, silentMs }, atMs);
    request?.();
  }
}
