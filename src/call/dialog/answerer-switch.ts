import type { TurnSettings } from '../../audio/speech/turn-detector.ts';
import type { Journal } from '../../events/call-events.ts';
import type { StreamJudge } from '../media-session.ts';
import type { Answerer, AnswererContext } from './answerer.ts';
import { AnsweringMachine } from './answering-machine.ts';
import { Assistant } from './assistant.ts';
import { OperatorAudio } from './operator-audio.ts';
import { Operator } from './operator.ts';
import type { PromptName } from './prompts.ts';
import { Ringing } from './ringing.ts';
import type { SpokenTurn } from './utterance-transcription.ts';

/** The desk is rung before anybody else answers. */
export interface DeskBell {
  readonly ringMs: number;
  /** Whether anybody is at the desk. */
  readonly isManned: () => boolean;
}

export interface AnswererSwitchOptions {
  readonly stage: AnswererContext;
  readonly journal: Journal;
  /** Whether there is all that an assistant needs; otherwise the answering machine answers. */
  readonly talks: boolean;
  /** Absent: the desk is not rung. */
  readonly bell?: DeskBell;
  readonly turns: TurnSettings;
  readonly judge: () => StreamJudge;
  readonly callMs: (atMs: number) => number;
  operatorSpoke(turn: SpokenTurn, atMs: number): void;
}

/** Who answers the caller just now: the desk's bell, the assistant, the answering machine, or a person who took over. */
export class AnswererSwitch {
  readonly #parts: AnswererSwitchOptions;
  #behaviour: Answerer;
  #begun = false;
  /** Who goes on when the operator hands back. */
  #setAside: Answerer | undefined;
  #voice: OperatorAudio | undefined;

  constructor(parts: AnswererSwitchOptions) {
    this.#parts = parts;
    const { bell, stage } = parts;
    this.#behaviour = bell?.isManned()
      ? new Ringing({
          stage,
          ringMs: bell.ringMs,
          isManned: bell.isManned,
          givenUp: (atMs) => this.#nobodyAnswered(atMs),
        })
      : this.#standIn();
  }

  get behaviour(): Answerer {
    return this.#behaviour;
  }

  get operated(): boolean {
    return this.#setAside !== undefined;
  }

  begin(atMs: number): void {
    this.#begun = true;
    this.#behaviour.begin(atMs);
  }

  /** The assistant cannot go on: the answering machine takes over, with this prompt. */
  fallBack(introduction: PromptName, atMs: number): void {
    const machine = new AnsweringMachine(this.#parts.stage, introduction);
    if (this.#setAside) {
      this.#setAside = machine;
      return;
    }
    this.#behaviour.stop(atMs);
    this.#behaviour = machine;
    machine.begin(atMs);
  }

  /** A person answers from now on; whoever spoke falls silent at once. False where a person does already. */
  takeOver(atMs: number): boolean {
    if (this.#setAside) return false;
    const { stage, journal, turns, judge, callMs } = this.#parts;
    this.#behaviour.stop(atMs);
    if (stage.mouth.audible(atMs)) stage.mouth.cut(atMs);
    this.#setAside = this.#behaviour.state === 'ringing' ? this.#standIn() : this.#behaviour;
    this.#behaviour = new Operator();
    this.#voice = new OperatorAudio({
      ...{ turns, callMs, mouth: stage.mouth, judge: judge() },
      spoke: (turn, spokenAtMs) => this.#parts.operatorSpoke(turn, spokenAtMs),
    });
    journal.append({ kind: 'operator', atMs, what: 'took over' });
    return true;
  }

  /** The assistant, or the answering machine, goes on. False where nobody had taken over. */
  handBack(atMs: number): boolean {
    const next = this.#setAside;
    if (!next) return false;
    this.#voice?.end(atMs);
    this.#voice = undefined;
    this.#setAside = undefined;
    this.#behaviour = next;
    this.#parts.journal.append({ kind: 'operator', atMs, what: 'handed back' });
    if (this.#begun) next.resume(atMs);
    return true;
  }

  /** What the operator's microphone hears: μ-law, 8 kHz, of any length. */
  speak(mulaw: Uint8Array, atMs: number): void {
    this.#voice?.hear(mulaw, atMs);
  }

  /** Nothing more is said: an assistant falls silent at once; of an operator what was said so far is still to be heard. */
  hush(atMs: number): void {
    const { mouth } = this.#parts.stage;
    this.#behaviour.stop(atMs);
    if (this.#voice) this.#voice.end(atMs);
    else if (mouth.audible(atMs)) mouth.cut(atMs);
    this.#voice = undefined;
  }

  /** The line is gone, for a while at least. */
  stop(atMs: number): void {
    this.#voice?.pause(atMs);
    this.#behaviour.stop(atMs);
  }

  #nobodyAnswered(atMs: number): void {
    const { mouth } = this.#parts.stage;
    if (mouth.audible(atMs)) mouth.cut(atMs);
    this.#behaviour = this.#standIn();
    this.#behaviour.begin(atMs);
  }

  #standIn(): Answerer {
    const { talks, stage } = this.#parts;
    return talks ? new Assistant(stage) : new AnsweringMachine(stage);
  }
}
