import { type Answerer, type AnswererContext, type CallerUtterance, type TalkState } from './answerer.ts';
import { AssistantGreeting } from './assistant-greeting.ts';
import { CallTermination } from './termination/call-termination.ts';
import { QuietLine } from './quiet-line.ts';
import { ReplyWait } from './reply/reply-wait.ts';
import { NumberReading } from './text/number-reading.ts';
import { FailedTurns } from './turn-taking/failed-turns.ts';
import { goesOnAfterBreak } from './turn-taking/after-break.ts';
import { KeyInput } from './turn-taking/key-input.ts';
import { ReplyControl } from './turn-taking/reply-control.ts';

/** Someone who speaks for this long expects a response, even if the recogniser finds no words. */
const LONG_UTTERANCE_MS = 1_500;

/** Talks with the caller: listens, requests a reply, speaks it, stops when the caller interrupts, and continues after a cough. */
export class Assistant implements Answerer {
  readonly #context: AnswererContext;
  /** Turns whose text is still to come; the caller expects a reply to them. */
  readonly #awaited = new Map<number, CallerUtterance>();
  /** Turns spoken during our speech that were too short for a barge-in: their words decide whether they interrupt it. */
  readonly #backchannels = new Map<number, CallerUtterance>();
  readonly #greeting: AssistantGreeting;
  readonly #wait = new ReplyWait();
  readonly #quiet = new QuietLine();
  readonly #termination: CallTermination;
  readonly #numbers = new NumberReading();
  readonly #failedTurns: FailedTurns;
  readonly #replies: ReplyControl;
  readonly #keys = new KeyInput();
  /** An operator answers, or the line is gone. */
  #isAway = false;

  /** `answered`: an operator answered the caller, so there is no greeting. */
  constructor(context: AnswererContext, answered = false) {
    this.#context = context;
    this.#termination = new CallTermination(context);
    this.#greeting = new AssistantGreeting(context);
    this.#failedTurns = new FailedTurns(context);
    this.#replies = new ReplyControl(context, {
      replySent: () => this.#replySent(),
      replyFailed: () => this.#failed('apology', context.serviceCalls.now()),
    });
    if (answered) this.#greeting.end();
  }

  get state(): TalkState {
    if (this.#greeting.isActive) return 'greeting';
    return this.#replies.inProgress || this.#awaited.size > 0 ? 'thinking' : 'listening';
  }

  begin(atMs: number): void {
    this.#quiet.restart(atMs);
    this.#greeting.begin(atMs);
  }

  callerStarted(atMs: number): void {
    this.#quiet.callerActive(atMs);
    this.#termination.callerStarted();
    if (!this.#replies.started) this.#replies.cancel(atMs);
  }

  callerBargedIn(atMs: number): void {
    this.#replies.interrupt(atMs);
    this.#silence(atMs);
  }

  falseStart(atMs: number): void {
    this.#replyIfReady(atMs);
  }

  callerPaused(text: string, atMs: number): void {
    if (!this.#isListening || this.#awaited.size > 0 || this.#context.output.audible(atMs)) return;
    this.#replies.prepare(text, atMs);
  }

  continuesAfter(text: string): boolean {
    return this.#awaited.size === 0 && this.#replies.continuesAfter(text);
  }

  callerContinued(): void {
    this.#replies.discardDraft();
  }

  utterance(utterance: CallerUtterance, atMs: number): void {
    const { turn, backchannel, silentMs, spokenMs } = utterance;
    this.#quiet.restart(atMs);
    this.#termination.utterance(spokenMs);
    this.#replies.turnEnded();
    if (backchannel) {
      this.#replies.discardDraft();
      this.#backchannels.set(turn, utterance);
      return;
    }
    this.#replies.cancel(atMs);
    this.#awaited.set(turn, utterance);
    this.#wait.start(atMs - silentMs);
    this.#numbers.utterance(atMs - silentMs);
  }

  textArrived(turn: number, result: string | Error, atMs: number): void {
    const awaited = this.#awaited.get(turn);
    const backchannel = this.#backchannels.get(turn);
    this.#awaited.delete(turn);
    this.#backchannels.delete(turn);
    if (backchannel) {
      this.#backchannelText(result, backchannel, atMs);
    } else if (awaited && this.#isAway) {
      this.#replies.unanswered ||= typeof result === 'string' && result !== '';
    } else if (awaited && result instanceof Error && this.#context.spokenReplies?.available) {
      // The model that replies has heard the words.
      this.#replies.callerSpoke(atMs);
      this.#replyIfReady(atMs);
    } else if (awaited && result instanceof Error) {
      this.#replies.discardDraft();
      this.#replies.endInterruption(atMs);
      this.#failed('not-understood', atMs);
    } else if (awaited && typeof result === 'string') this.#callerSaid(result, awaited, atMs);
  }

  key(_digit: string, atMs: number): void {
    this.#quiet.callerActive(atMs);
    this.#termination.personPresent();
    this.#replies.cancelAll(atMs);
    this.#silence(atMs);
    this.#replies.unanswered = true;
    this.#keys.pressed(atMs);
  }

  tick(atMs: number): void {
    this.#greeting.tick(atMs);
    this.#termination.tick(atMs);
    if (this.#numbers.isOver(atMs)) this.#replyIfReady(atMs);
    this.#replies.tick(atMs);
    if (!this.#isAway) this.#completeKeys(atMs);
    if (this.#context.output.audible(atMs) || this.#context.control.callerSpeaks()) {
      this.#quiet.restart(atMs);
      if (!this.#context.output.stalled(atMs)) this.#wait.audible(atMs, this.#replies.started);
      return;
    }
    this.#greeting.silent();
    if (this.#busy) this.#fillWait(atMs);
    else this.#quiet.breakSilence(atMs, this.#context);
  }

  stop(atMs: number): void {
    this.#replies.suspend(atMs);
    this.#isAway = true;
  }

  resume(atMs: number): void {
    this.#isAway = false;
    this.#quiet.callerActive(atMs);
    this.#termination.personPresent();
    this.#wait.restart(atMs);
    this.#replyIfReady(atMs);
    if (!this.#greeting.isPending) return;
    this.#greeting.end();
    // Another process greeted this caller.
    if (this.#busy) return;
    this.#replies.unanswered = goesOnAfterBreak(this.#context, this.#quiet, atMs);
    this.#replyIfReady(atMs);
  }

  /** The caller waits for something. */
  get #busy(): boolean {
    if (this.#awaited.size > 0 || this.#numbers.waits || this.#keys.isOpen) return true;
    return this.#replies.inProgress || this.#replies.interrupted;
  }

  get #isListening(): boolean {
    return !this.#isAway && !this.#replies.inProgress && !this.#keys.isOpen;
  }

  #callerSaid(text: string, { spokenMs }: CallerUtterance, atMs: number): void {
    // Assent over a reply is no answer: people repeat it as often as they like.
    const isAside = this.#replies.continuesAfter(text);
    if (!isAside && this.#termination.text(text, atMs)) return this.#replies.cancelAll(atMs);
    this.#numbers.text(text);
    if (text !== '') this.#failedTurns.understood();
    this.#replies.callerSaid(text, atMs);
    this.#replyIfReady(atMs);
    if (this.#busy) return;
    this.#wait.stop();
    // The rest of an interrupted reply is a response, if there is any.
    if (text !== '' || spokenMs < LONG_UTTERANCE_MS || this.#context.output.audible(atMs)) return;
    this.#failedTurns.withoutWords(atMs);
  }

  /** "No" and "stop" are as short as "mm-hm": the text tells them apart. */
  #backchannelText(result: string | Error, utterance: CallerUtterance, atMs: number): void {
    const isMeant =
      typeof result === 'string' && !utterance.isBackground && this.#replies.isInterruptedBy(result, atMs);
    if (isMeant && !this.#isAway) {
      this.callerBargedIn(atMs);
      this.#callerSaid(result, utterance, atMs);
    } else {
      // The backchannel may have cancelled a reply that had not started.
      this.#replyIfReady(atMs);
    }
  }

  #silence(atMs: number): void {
    if (!this.#greeting.isPending) this.#greeting.end();
    if (this.#context.output.audible(atMs)) this.#context.output.cut(atMs);
  }

  #completeKeys(atMs: number): void {
    const lastKeyAtMs = this.#keys.completed(atMs);
    if (lastKeyAtMs === undefined) return;
    this.#wait.start(lastKeyAtMs);
    this.#replyIfReady(atMs);
  }

  /** If every text has arrived and the caller is silent: continues an interrupted reply, or requests one. */
  #replyIfReady(atMs: number): void {
    if (this.#awaited.size > 0 || !this.#isListening) return;
    if (this.#context.control.callerSpeaks() || this.#numbers.waits) return;
    if (this.#replies.continues) {
      this.#wait.startUnlessRunning(atMs);
      this.#termination.replyContinued();
      this.#replies.continue(atMs);
    } else if (this.#replies.unanswered && !this.#replies.interrupted) {
      this.#wait.startUnlessRunning(atMs);
      this.#replies.request(atMs);
    }
  }

  #replySent(): void {
    this.#wait.stop();
    this.#failedTurns.replied();
    this.#termination.replySent();
  }

  /** The caller heard nothing in response to a turn. */
  #failed(prompt: 'apology' | 'not-understood', atMs: number): void {
    this.#replies.unanswered = false;
    if (!this.#busy) this.#wait.stop();
    this.#failedTurns.failed(prompt, atMs);
  }

  /** The caller waits in silence: plays fillers, and apologises after the timeout. */
  #fillWait(atMs: number): void {
    if (this.#keys.isOpen || !this.#wait.fill(atMs, this.#context)) return;
    this.#replies.cancel(atMs, 'late');
    this.#replies.endInterruption(atMs);
    for (const turn of this.#awaited.keys())
      if (this.#awaited.delete(turn)) this.#context.control.giveUpText(turn);
    this.#failed('apology', atMs);
  }
}
