import { type Answerer, type AnswererContext, type CallerUtterance, type TalkState } from './answerer.ts';
import { AssistantGreeting } from './assistant-greeting.ts';
import { type AssistantActivity, resumed, suspended } from './assistant-state.ts';
import { CallTermination } from './termination/call-termination.ts';
import { QuietLine } from './quiet-line.ts';
import type { ReplyPipeline } from './reply/reply-pipeline.ts';
import { ReplyWait } from './reply/reply-wait.ts';
import { NumberReading } from './text/number-reading.ts';
import { FailedTurns } from './turn-taking/failed-turns.ts';
import { ReplyDrafts } from './turn-taking/reply-drafts.ts';

/** Keys pressed within this time of each other are one input. */
const KEY_GROUP_MS = 1_200;
/** Someone who speaks for this long expects a response, even if the recogniser finds no words. */
const LONG_UTTERANCE_MS = 1_500;

/** Talks with the caller: listens, requests a reply, speaks it, and stops when the caller interrupts. */
export class Assistant implements Answerer {
  readonly #context: AnswererContext;
  /** Turns whose text is still to come; the caller expects a reply to them. */
  readonly #awaited = new Map<number, CallerUtterance>();
  /** Turns spoken during our speech without a barge-in; they need no reply of their own. */
  readonly #backchannels = new Set<number>();
  readonly #greeting: AssistantGreeting;
  readonly #wait = new ReplyWait();
  readonly #quiet = new QuietLine();
  readonly #termination: CallTermination;
  readonly #numbers = new NumberReading();
  readonly #failedTurns: FailedTurns;
  readonly #replies: ReplyDrafts;
  #activity: AssistantActivity = { kind: 'listening' };
  /** True if the caller said something that has no reply yet. */
  #unanswered = false;

  /** `answered`: an operator answered the caller, so there is no greeting. */
  constructor(context: AnswererContext, answered = false) {
    this.#context = context;
    this.#termination = new CallTermination(context);
    this.#greeting = new AssistantGreeting(context);
    this.#failedTurns = new FailedTurns(context);
    this.#replies = new ReplyDrafts(context, {
      replyFinished: (pipeline, unsaid) => this.#replyFinished(pipeline, unsaid),
      replyFailed: (pipeline) => this.#replyFailed(pipeline),
    });
    if (answered) this.#greeting.end();
  }

  get state(): TalkState {
    if (this.#greeting.isActive) return 'greeting';
    return this.#activity.kind === 'replying' || this.#awaited.size > 0 ? 'thinking' : 'listening';
  }

  begin(atMs: number): void {
    this.#quiet.restart(atMs);
    this.#greeting.begin(atMs);
  }

  callerStarted(atMs: number): void {
    this.#quiet.callerActive(atMs);
    this.#termination.callerStarted();
    if (this.#activity.kind === 'replying' && !this.#activity.pipeline.started) this.#cancelReply(atMs);
  }

  callerBargedIn(atMs: number): void {
    this.#interrupt(atMs);
  }

  falseStart(atMs: number): void {
    this.#replyIfReady(atMs);
  }

  callerPaused(text: string, atMs: number): void {
    const { output, conversation } = this.#context;
    if (this.#activity.kind !== 'listening' || this.#awaited.size > 0 || output.audible(atMs)) return;
    if (text !== '') this.#replies.prepare(conversation.saidWith(text, atMs));
  }

  callerContinued(): void {
    this.#replies.discard();
  }

  utterance(utterance: CallerUtterance, atMs: number): void {
    const { turn, backchannel, silentMs, spokenMs } = utterance;
    this.#quiet.restart(atMs);
    this.#termination.utterance(spokenMs);
    this.#replies.turnEnded();
    if (backchannel) {
      this.#replies.discard();
      this.#backchannels.add(turn);
      return;
    }
    this.#cancelReply(atMs);
    this.#awaited.set(turn, utterance);
    this.#wait.start(atMs - silentMs);
    this.#numbers.utterance(atMs - silentMs);
  }

  textArrived(turn: number, result: string | Error, atMs: number): void {
    const awaited = this.#awaited.get(turn);
    this.#awaited.delete(turn);
    if (this.#backchannels.delete(turn)) {
      // The backchannel may have cancelled a reply that had not started.
      this.#replyIfReady(atMs);
    } else if (awaited && this.#activity.kind === 'away') {
      this.#unanswered ||= typeof result === 'string' && result !== '';
    } else if (awaited && result instanceof Error) {
      this.#replies.discard();
      this.#failed('not-understood', atMs);
    } else if (awaited && typeof result === 'string') {
      if (this.#termination.text(result, atMs)) return this.#replies.discard();
      this.#numbers.text(result);
      if (result !== '') this.#failedTurns.understood();
      this.#unanswered ||= result !== '';
      this.#replyIfReady(atMs);
      if (this.#busy) return;
      this.#wait.stop();
      if (result === '' && awaited.spokenMs >= LONG_UTTERANCE_MS) this.#failedTurns.withoutWords(atMs);
    }
  }

  key(_digit: string, atMs: number): void {
    this.#quiet.callerActive(atMs);
    this.#termination.personPresent();
    this.#interrupt(atMs);
    this.#unanswered = true;
    this.#activity = { kind: 'collecting-keys', untilMs: atMs + KEY_GROUP_MS };
  }

  tick(atMs: number): void {
    this.#greeting.tick(atMs);
    this.#termination.tick(atMs);
    if (this.#numbers.isOver(atMs)) this.#replyIfReady(atMs);
    if (this.#activity.kind === 'replying') this.#activity.pipeline.tick(atMs);
    if (this.#activity.kind === 'collecting-keys' && atMs >= this.#activity.untilMs)
      this.#keysComplete(this.#activity.untilMs - KEY_GROUP_MS, atMs);
    if (this.#context.output.audible(atMs) || this.#context.control.callerSpeaks()) {
      const isReply = this.#activity.kind === 'replying' && this.#activity.pipeline.started;
      this.#quiet.restart(atMs);
      if (!this.#context.output.stalled(atMs)) this.#wait.audible(atMs, isReply);
      return;
    }
    this.#greeting.silent();
    if (this.#busy) this.#fillWait(atMs);
    else this.#quiet.breakSilence(atMs, this.#context);
  }

  stop(atMs: number): void {
    this.#replies.discard();
    this.#cancelReply(atMs);
    this.#unanswered ||= !this.#context.conversation.wasHeard(this.#replies.last, atMs);
    this.#activity = suspended(this.#activity);
  }

  resume(atMs: number): void {
    this.#activity = resumed(this.#activity);
    this.#quiet.callerActive(atMs);
    this.#termination.personPresent();
    this.#wait.restart(atMs);
    this.#replyIfReady(atMs);
    if (!this.#greeting.isPending) return;
    this.#greeting.end();
    // Another process greeted this caller, and the line was silent meanwhile.
    if (!this.#busy) this.#quiet.ask(atMs, this.#context);
  }

  get #busy(): boolean {
    const { kind } = this.#activity;
    return this.#awaited.size > 0 || this.#numbers.waits || kind === 'replying' || kind === 'collecting-keys';
  }

  /** Cancels the reply, also between two sentences, where nothing is audible. */
  #interrupt(atMs: number): void {
    this.#replies.discard();
    if (!this.#greeting.isPending) this.#greeting.end();
    this.#cancelReply(atMs);
    if (this.#context.output.audible(atMs)) this.#context.output.cut(atMs);
  }

  #keysComplete(lastKeyAtMs: number, atMs: number): void {
    this.#activity = { kind: 'listening' };
    this.#wait.start(lastKeyAtMs);
    this.#replyIfReady(atMs);
  }

  /** Requests a reply if every text has arrived and the caller is silent. */
  #replyIfReady(atMs: number): void {
    const { conversation, control } = this.#context;
    if (!this.#unanswered || this.#awaited.size > 0 || this.#activity.kind !== 'listening') return;
    if (control.callerSpeaks() || this.#numbers.waits) return;
    this.#wait.startUnlessRunning(atMs);
    const said = conversation.said(atMs);
    const pipeline = this.#replies.take(said);
    this.#activity = { kind: 'replying', pipeline };
    pipeline.start(said);
  }

  #isCurrent(pipeline: ReplyPipeline): boolean {
    return this.#activity.kind === 'replying' && this.#activity.pipeline === pipeline;
  }

  #replyFinished(pipeline: ReplyPipeline, unsaid: string): void {
    if (!this.#isCurrent(pipeline)) return;
    this.#noteUnsaid(pipeline, unsaid, this.#context.serviceCalls.now());
    this.#activity = { kind: 'listening' };
    this.#unanswered = false;
    this.#wait.stop();
    this.#failedTurns.replied();
    this.#termination.replySent();
  }

  #replyFailed(pipeline: ReplyPipeline): void {
    if (!this.#isCurrent(pipeline)) return;
    this.#activity = { kind: 'listening' };
    this.#failed('apology', this.#context.serviceCalls.now());
  }

  /** The caller heard nothing in response to a turn. */
  #failed(prompt: 'apology' | 'not-understood', atMs: number): void {
    this.#unanswered = false;
    if (!this.#busy) this.#wait.stop();
    this.#failedTurns.failed(prompt, atMs);
  }

  /** Cancels the reply in progress. A reply of which nothing was heard leaves its question unanswered. */
  #cancelReply(atMs: number, reason?: 'late'): void {
    if (this.#activity.kind !== 'replying') return;
    const { pipeline } = this.#activity;
    this.#activity = { kind: 'listening' };
    const unsaid = pipeline.cancel(reason);
    if (!pipeline.started) return;
    this.#noteUnsaid(pipeline, unsaid, atMs);
    this.#unanswered = !this.#context.conversation.wasHeard(pipeline.reply, atMs);
  }

  #noteUnsaid(pipeline: ReplyPipeline, text: string, atMs: number): void {
    if (text) this.#context.journal.append({ kind: 'unsaid', atMs, reply: pipeline.reply, text });
  }

  /** The caller waits in silence: plays fillers, and apologises after the timeout. */
  #fillWait(atMs: number): void {
    if (this.#activity.kind === 'collecting-keys') return;
    const { output, settings, control } = this.#context;
    const due = this.#wait.due(atMs, settings.fillerAfterMs);
    if (due === 'timeout') {
      this.#cancelReply(atMs, 'late');
      for (const turn of this.#awaited.keys()) if (this.#awaited.delete(turn)) control.giveUpText(turn);
      this.#failed('apology', atMs);
    } else if (due) output.sayPrompt(due, atMs);
  }
}
