import { encodeMulaw } from '../../audio/mulaw.ts';
import { sine } from '../../audio/tone.ts';
import { type AnswererContext, type CallerUtterance, PassiveAnswerer, type TalkState } from './answerer.ts';
import type { PromptName } from './prompts.ts';

/** The tone after which the caller leaves a message. */
const TONE = { hz: 1_000, ms: 400, dbfs: -15 } as const;

/** `introduction`: greeting and tone are playing. `message`: the caller may speak. `ending`: goodbye was said. */
type Phase = 'introduction' | 'message' | 'ending';

/** Takes a message: greeting, tone, the caller's message, a confirmation after a pause, goodbye after a long silence. */
export class AnsweringMachine extends PassiveAnswerer {
  readonly #context: AnswererContext;
  readonly #introduction: PromptName;
  #phase: Phase = 'introduction';
  /** True until the introduction was heard, cut or lost with the line. */
  #introductionPlays = false;
  #spoke = false;
  #lastSpeechAtMs = 0;

  constructor(context: AnswererContext, introduction: PromptName = 'machine-greeting') {
    super();
    this.#context = context;
    this.#introduction = introduction;
  }

  get state(): TalkState {
    if (this.#phase === 'ending') return 'ending';
    return this.#phase === 'message' ? 'listening' : 'greeting';
  }

  override begin(atMs: number): void {
    this.#lastSpeechAtMs = atMs;
    this.#context.output.sayPrompt(this.#introduction, atMs, 'greeting');
    this.#playTone(atMs);
    this.#introductionPlays = true;
  }

  override callerStarted(atMs: number): void {
    this.#lastSpeechAtMs = atMs;
  }

  override callerBargedIn(atMs: number): void {
    this.#lastSpeechAtMs = atMs;
    if (!this.#context.output.audible(atMs) || this.#phase === 'ending') return;
    this.#context.output.cut(atMs);
    this.#introductionPlays = false;
    this.#phase = 'message';
  }

  override utterance({ backchannel, silentMs }: CallerUtterance, atMs: number): void {
    this.#lastSpeechAtMs = atMs - silentMs;
    if (!backchannel) this.#spoke = true;
  }

  override key(_digit: string, atMs: number): void {
    this.#lastSpeechAtMs = atMs;
  }

  override tick(atMs: number): void {
    if (this.#phase === 'ending') return;
    const { output, control } = this.#context;
    if (output.audible(atMs)) {
      if (!this.#spoke) this.#lastSpeechAtMs = atMs;
      return;
    }
    if (this.#introductionPlays) {
      this.#introductionPlays = false;
      this.#phase = 'message';
    }
    if (!control.callerSpeaks()) this.#callerIsSilent(atMs);
  }

  override stop(): void {
    // Audio that was still queued is lost with the line.
    this.#introductionPlays = false;
  }

  override resume(atMs: number): void {
    if (this.#phase === 'introduction') this.#phase = 'message';
    this.#lastSpeechAtMs = atMs;
    // The confirmation after a pause tells the caller that the line works again.
    this.#spoke = true;
  }

  #callerIsSilent(atMs: number): void {
    const { output, settings, control } = this.#context;
    const silentMs = atMs - this.#lastSpeechAtMs;
    if (this.#spoke && silentMs >= settings.messagePauseMs) {
      this.#spoke = false;
      output.sayPrompt('machine-more', atMs);
    } else if (silentMs >= settings.messageSilenceMs) {
      this.#phase = 'ending';
      output.sayPrompt('machine-goodbye', atMs);
      control.hangUp('message taken', atMs);
    }
  }

  #playTone(atMs: number): void {
    const mulaw = encodeMulaw(sine(TONE.hz, TONE.ms, TONE.dbfs));
    this.#context.output.sayWhole({ text: '', mulaw, role: 'tone' }, atMs);
  }
}
