import type { TurnEvent } from '../../audio/speech/turn-detector.ts';
import type { Answerer } from './answerer.ts';
import { DecidedPause } from './turn-taking/decided-pause.ts';
import { EarlyTranscription } from './turn-taking/early-transcription.ts';
import { EndOfTurnAdvice } from './turn-taking/end-of-turn-advice.ts';
import { EndOfTurn } from './turn-taking/end-of-turn.ts';
import type { SentenceStates } from './turn-taking/sentence-state.ts';
import type { UtteranceTranscription } from './utterance-transcription.ts';

/** What turn events need to know of their call. */
export interface TurnEventCall {
  /** The current answerer; undefined once our side is ending the call. */
  answerer(): Answerer | undefined;
  /** True while our side is audible to the caller. */
  audible(atMs: number): boolean;
  /** Our clock in call milliseconds. */
  callMs(atMs: number): number;
  /** The caller's utterance in progress from its beginning on: μ-law, to be read at once. Undefined: the caller does not speak. */
  speech(): Uint8Array | undefined;
  /** Changes the silence that ends the caller's turn, for the current pause only. */
  awaitSilence(silenceMs: number): void;
  /** Whether an assistant replies to the caller's turns. */
  repliesToTurns(): boolean;
  /** Epoch milliseconds. */
  now(): number;
}

export interface TurnTakingSettings {
  /** The silence that ends a turn if the words do not tell. */
  readonly endOfTurnMs: number;
  readonly sentences: SentenceStates;
  readonly language: string | undefined;
  /** Whether texts are requested while the caller pauses. */
  readonly earlyTexts: boolean;
  /** Whether replies are prepared while the caller pauses. */
  readonly drafts: boolean;
}

/** Passes the turn detector's events to the answerer and starts the transcription of each utterance. */
export class CallerTurnEvents {
  readonly #call: TurnEventCall;
  readonly #utterances: UtteranceTranscription;
  readonly #early: EarlyTranscription;
  readonly #endOfTurn: EndOfTurn;
  readonly #settings: TurnTakingSettings;
  readonly #advice: EndOfTurnAdvice;
  readonly #decided: DecidedPause;
  /** True if the current speech was long enough for a barge-in. */
  #bargedIn = false;
  /** The text of what the caller said before the current pause, if it has arrived. */
  #pausedText: string | undefined;

  constructor(call: TurnEventCall, utterances: UtteranceTranscription, settings: TurnTakingSettings) {
    this.#call = call;
    this.#utterances = utterances;
    this.#endOfTurn = new EndOfTurn(settings.endOfTurnMs, settings.sentences, settings.language);
    this.#settings = settings;
    this.#decided = new DecidedPause((voiced) => utterances.turnOf(voiced), settings.endOfTurnMs);
    this.#advice = new EndOfTurnAdvice(
      (speech, done) => utterances.judgeEndOfTurn(speech, done),
      () => {
        if (this.#pausedText !== undefined) this.#earlyText(this.#pausedText);
      },
    );
    this.#early = new EarlyTranscription(
      (spoken, done) => utterances.requestEarly(spoken, done),
      (text) => this.#earlyText(text),
    );
  }

  take(events: readonly TurnEvent[], atMs: number): void {
    for (const event of events) this.#take(event, atMs);
    const speech = this.#utterances.areStreamed ? this.#call.speech() : undefined;
    if (speech) this.#utterances.hear(speech);
    if (this.#decided.changes()) this.#awaitDecision();
  }

  #take(event: TurnEvent, atMs: number): void {
    const answerer = this.#call.answerer();
    switch (event.kind) {
      case 'started':
        this.#bargedIn = false;
        this.#endOfTurn.started(event.atMs);
        answerer?.callerStarted(atMs);
        break;
      case 'barge-in':
        this.#bargedIn = true;
        answerer?.callerBargedIn(atMs);
        break;
      case 'false-start':
        answerer?.falseStart(atMs);
        break;
      case 'paused':
        // A message and words to an operator get no reply: their texts are not urgent.
        if (this.#call.repliesToTurns()) this.#paused(event);
        break;
      case 'continued':
        this.#pausedText = undefined;
        this.#decided.end();
        this.#advice.continued();
        this.#early.continued();
        this.#utterances.continued();
        this.#endOfTurn.continued(event.pausedMs);
        answerer?.callerContinued(atMs);
        break;
      case 'finished':
        this.#finished(event, atMs);
        break;
    }
  }

  #paused(event: Extract<TurnEvent, { kind: 'paused' }>): void {
    this.#decided.begin(event);
    if (this.#decided.isDecided) this.#awaitDecision();
    else this.#advice.paused(event.mulaw);
    if (this.#settings.earlyTexts) this.#early.paused(event);
  }

  /** A service that hears the line decides whether the turn is over, as long as it can. */
  #awaitDecision(): void {
    const { silenceMs } = this.#decided;
    if (silenceMs !== undefined) this.#call.awaitSilence(silenceMs);
    else if (this.#pausedText !== undefined) this.#earlyText(this.#pausedText);
    else this.#call.awaitSilence(this.#settings.endOfTurnMs);
  }

  #finished(spoken: Extract<TurnEvent, { kind: 'finished' }>, atMs: number): void {
    this.#pausedText = undefined;
    this.#decided.end();
    this.#advice.finished();
    const { isBackground } = spoken;
    const backchannel = !this.#bargedIn && (isBackground || this.#call.audible(atMs));
    const { turn, request } = this.#utterances.add(spoken, atMs, this.#early.finished(spoken.endMs));
    this.#endOfTurn.over(spoken.endMs);
    const silentMs = Math.max(0, this.#call.callMs(atMs) - spoken.endMs);
    const spokenMs = spoken.endMs - spoken.startMs;
    this.#call.answerer()?.utterance({ turn, backchannel, isBackground, spokenMs, silentMs }, atMs);
    request?.();
  }

  /** The text of what the caller said before the current pause. */
  #earlyText(text: string): void {
    this.#pausedText = text;
    if (this.#call.answerer()?.continuesAfter(text)) {
      this.#decided.end();
      this.#call.awaitSilence(this.#endOfTurn.afterAside());
      return;
    }
    if (this.#decided.isDecided) return;
    const { state, silenceMs } = this.#endOfTurn.after(text, this.#advice.probability);
    this.#call.awaitSilence(silenceMs);
    if (state === 'finished' && this.#settings.drafts)
      this.#call.answerer()?.callerPaused(text, this.#call.now());
  }
}
