import { encodeMulaw } from '../../audio/mulaw.ts';
import { sine } from '../../audio/tone.ts';
import type { Answerer, AnswererContext, TalkState } from './answerer.ts';
import type { PromptName } from './prompts.ts';

/** The tone after which a message is left. */
const TONE = { hz: 1_000, ms: 400, dbfs: -15 } as const;

/** Takes a message: greeting, tone, what the caller says, a word when the caller pauses, goodbye after a long silence. */
export class AnsweringMachine implements Answerer {
  readonly #stage: AnswererContext;
  readonly #introduction: PromptName;
  #toneDue = false;
  #ready = false;
  #spoke = false;
  #lastSpeechAtMs = 0;
  #ending = false;

  constructor(stage: AnswererContext, introduction: PromptName = 'machine-greeting') {
    this.#stage = stage;
    this.#introduction = introduction;
  }

  get state(): TalkState {
    if (this.#ending) return 'ending';
    return this.#ready ? 'listening' : 'greeting';
  }

  begin(atMs: number): void {
    this.#lastSpeechAtMs = atMs;
    this.#stage.mouth.sayPrompt(this.#introduction, atMs, 'greeting');
    this.#sayTone(atMs);
    this.#toneDue = true;
  }

  callerStarted(atMs: number): void {
    this.#lastSpeechAtMs = atMs;
  }

  callerInsisted(atMs: number): void {
    this.#lastSpeechAtMs = atMs;
    if (!this.#stage.mouth.audible(atMs) || this.#ending) return;
    this.#stage.mouth.cut(atMs);
    this.#toneDue = false;
    this.#ready = true;
  }

  callerDismissed(): void {
    // Nothing was said.
  }

  utterance(_turn: number, aside: boolean, silentMs: number, atMs: number): void {
    this.#lastSpeechAtMs = atMs - silentMs;
    if (!aside) this.#spoke = true;
  }

  textCame(): void {
    // The message is for later; nobody answers it now.
  }

  key(_digit: string, atMs: number): void {
    this.#lastSpeechAtMs = atMs;
  }

  tick(atMs: number): void {
    if (this.#ending) return;
    const { mouth, settings } = this.#stage;
    if (mouth.audible(atMs)) {
      if (!this.#spoke) this.#lastSpeechAtMs = atMs;
      return;
    }
    if (this.#toneDue) {
      this.#toneDue = false;
      this.#ready = true;
    }
    if (this.#stage.callerSpeaks()) return;
    const silentMs = atMs - this.#lastSpeechAtMs;
    if (this.#spoke && silentMs >= settings.messagePauseMs) {
      this.#spoke = false;
      mouth.sayPrompt('machine-more', atMs);
    } else if (silentMs >= settings.messageSilenceMs) {
      this.#ending = true;
      mouth.sayPrompt('machine-goodbye', atMs);
      this.#stage.hangUp('message taken', atMs);
    }
  }

  stop(): void {
    // Without a line nobody ticks; what was to be said is gone with it.
    this.#toneDue = false;
  }

  resume(atMs: number): void {
    this.#ready = true;
    this.#lastSpeechAtMs = atMs;
    // A word after a pause tells the caller that the line is alive.
    this.#spoke = true;
  }

  #sayTone(atMs: number): void {
    const mulaw = encodeMulaw(sine(TONE.hz, TONE.ms, TONE.dbfs));
    this.#stage.mouth.sayWhole({ text: '', mulaw, role: 'tone' }, atMs);
  }
}
