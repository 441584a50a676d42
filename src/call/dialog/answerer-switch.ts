import type { TurnSettings } from '../../audio/speech/turn-detector.ts';
import type { ReleasableDetector } from '../media-session.ts';
import type { Answerer, AnswererContext } from './answerer.ts';
import { AnsweringMachine } from './answering-machine.ts';
import { Assistant } from './assistant.ts';
import { OperatorAudio, type OperatorSpeechListener } from './operator-audio.ts';
import { OperatorAnswerer } from './operator-answerer.ts';
import type { PromptName } from './prompts.ts';
import { type OperatorRing, Ringing } from './ringing.ts';

export interface AnswererSwitchOptions {
  readonly context: AnswererContext;
  /** True if every service that the assistant needs is configured; otherwise the answering machine answers. */
  readonly assistantAvailable: boolean;
  /** Undefined: operators are not rung. */
  readonly ring: OperatorRing | undefined;
  readonly turns: TurnSettings;
  /** Creates the voice activity detector for an operator's microphone. */
  readonly createDetector: () => ReleasableDetector;
  readonly operatorListener: OperatorSpeechListener;
}

/** An operator has the call; `suspended` answers again after the hand-back. */
interface TakeOver {
  suspended: Answerer;
  /** Undefined once no more speech is accepted. */
  audio: OperatorAudio | undefined;
}

/** Selects who answers the caller: the ringing tone, the assistant, the answering machine, or an operator. */
export class AnswererSwitch {
  readonly #options: AnswererSwitchOptions;
  #current: Answerer;
  /** False before the first stream and while the line is gone. */
  #lineIsOpen = false;
  #takeOver: TakeOver | undefined;

  constructor(options: AnswererSwitchOptions) {
    this.#options = options;
    const { ring, context } = options;
    this.#current = ring?.hasAvailableOperator()
      ? new Ringing(context, ring, (atMs) => this.#ringingTimedOut(atMs))
      : this.#automaticAnswerer();
  }

  get current(): Answerer {
    return this.#current;
  }

  /** Whether an assistant speaks with the caller, or will do so after the hand-back. */
  get isAssisted(): boolean {
    return (this.#takeOver?.suspended ?? this.#current) instanceof Assistant;
  }

  begin(atMs: number): void {
    this.#lineIsOpen = true;
    this.#current.begin(atMs);
  }

  /** The line is back, after a break or in another process. */
  resume(atMs: number): void {
    this.#lineIsOpen = true;
    this.#current.resume(atMs);
  }

  /** A text arrived: an answerer that is suspended by an operator needs it for its return, too. */
  textArrived(turn: number, result: string | Error, atMs: number): void {
    this.#current.textArrived(turn, result, atMs);
    this.#takeOver?.suspended.textArrived(turn, result, atMs);
  }

  /** The call has ended: frees the operator's detector. */
  end(atMs: number): void {
    this.#takeOver?.audio?.end(atMs);
    if (this.#takeOver) this.#takeOver.audio = undefined;
  }

  /** Replaces the assistant by the answering machine, which begins with this prompt. */
  fallBack(introduction: PromptName, atMs: number): void {
    const machine = new AnsweringMachine(this.#options.context, introduction);
    if (this.#takeOver) {
      this.#takeOver.suspended = machine;
      return;
    }
    this.#current.stop(atMs);
    this.#current = machine;
    machine.begin(atMs);
  }

  /** An operator takes the call; our speech stops at once. False if an operator already has it. */
  takeOver(atMs: number): boolean {
    if (this.#takeOver) return false;
    const { context, turns, createDetector, operatorListener: listener } = this.#options;
    const { output } = context;
    this.#current.stop(atMs);
    if (output.audible(atMs)) output.cut(atMs);
    const suspended = this.#current.state === 'ringing' ? this.#automaticAnswerer(true) : this.#current;
    const detector = createDetector();
    const audio = new OperatorAudio({ turns, output, detector, listener });
    this.#takeOver = { suspended, audio };
    this.#current = new OperatorAnswerer();
    context.journal.append({ kind: 'operator', atMs, what: 'took over' });
    return true;
  }

  /** The suspended answerer continues. False if no operator has the call. */
  handBack(atMs: number): boolean {
    const takeOver = this.#takeOver;
    if (!takeOver) return false;
    takeOver.audio?.end(atMs);
    this.#takeOver = undefined;
    this.#current = takeOver.suspended;
    this.#options.context.journal.append({ kind: 'operator', atMs, what: 'handed back' });
    if (this.#lineIsOpen) this.#current.resume(atMs);
    return true;
  }

  /** Audio of the operator's microphone: μ-law at 8,000 Hz, of any length. */
  operatorAudio(mulaw: Uint8Array, atMs: number): void {
    this.#takeOver?.audio?.hear(mulaw, atMs);
  }

  /** Ends all speech: an assistant is cut off; what an operator has said so far is still played. */
  stopSpeaking(atMs: number): void {
    const { output } = this.#options.context;
    this.#current.stop(atMs);
    const operator = this.#takeOver?.audio;
    if (operator) operator.end(atMs);
    else if (output.audible(atMs)) output.cut(atMs);
    if (this.#takeOver) this.#takeOver.audio = undefined;
  }

  /** The line is gone for now. */
  stop(atMs: number): void {
    this.#lineIsOpen = false;
    this.#takeOver?.audio?.pause(atMs);
    this.#current.stop(atMs);
  }

  /** Operators are not rung any longer: the assistant answers. False if the call does not ring. */
  stopRinging(atMs: number): boolean {
    if (!this.#lineIsOpen || this.#current.state !== 'ringing') return false;
    this.#ringingTimedOut(atMs);
    return true;
  }

  #ringingTimedOut(atMs: number): void {
    const { output } = this.#options.context;
    if (output.audible(atMs)) output.cut(atMs);
    this.#current = this.#automaticAnswerer();
    this.#current.begin(atMs);
  }

  /** `answered`: an operator answered the caller. */
  #automaticAnswerer(answered = false): Answerer {
    const { assistantAvailable, context } = this.#options;
    return assistantAvailable ? new Assistant(context, answered) : new AnsweringMachine(context);
  }
}
