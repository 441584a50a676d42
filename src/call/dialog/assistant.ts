import { type Answerer, type AnswererContext, type CallerUtterance, type TalkState } from './answerer.ts';
import { AssistantGreeting } from './assistant-greeting.ts';
import { type AssistantActivity, resumed, suspended } from './assistant-state.ts';
import { CallEnding } from './ending/call-ending.ts';
import { QuietLine } from './quiet-line.ts';
import { ReplyPipeline } from './reply/reply-pipeline.ts';
import { ReplyWait } from './reply/reply-wait.ts';
import { NumberReading } from './text/number-reading.ts';

/** Keys pressed within this time of each other are one input. */
const KEY_GROUP_MS = 1_200;
/** Someone who speaks for this long expects a response, even if the recogniser finds no words. */
const LONG_UTTERANCE_MS = 1_500;
/** After this many failures in a row the answering machine takes over. */
const MAX_FAILURES = 2;

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
  readonly #ending: CallEnding;
  readonly #numbers = new NumberReading();
  #activity: AssistantActivity = { kind: 'listening' };
  /** True if the caller said something that has no reply yet. */
  #unanswered = false;
  #failures = 0;
  #askedToRepeat = false;

  /** `answered`: an operator answered the caller, so there is no greeting. */
  constructor(context: AnswererContext, answered = false) {
    this.#context = context;
    this.#ending = new CallEnding(context);
    this.#greeting = new AssistantGreeting(context);
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
    this.#ending.callerStarted();
    if (this.#activity.kind === 'replying' && !this.#activity.pipeline.started) this.#cancelReply(atMs);
  }

  callerBargedIn(atMs: number): void {
    this.#interrupt(atMs);
  }

  falseStart(atMs: number): void {
    this.#replyIfReady(atMs);
  }

  utterance(utterance: CallerUtterance, atMs: number): void {
    const { turn, backchannel, silentMs, spokenMs } = utterance;
    this.#quiet.restart(atMs);
    this.#ending.utterance(spokenMs);
    if (backchannel) {
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
      this.#failed('not-understood', atMs);
    } else if (awaited && typeof result === 'string') {
      if (this.#ending.text(result, atMs)) return;
      this.#numbers.text(result);
      if (result !== '') this.#askedToRepeat = false;
      this.#unanswered ||= result !== '';
      this.#replyIfReady(atMs);
      if (this.#busy) return;
      this.#wait.stop();
      if (result === '' && awaited.spokenMs >= LONG_UTTERANCE_MS) this.#askToRepeat(atMs);
    }
  }

  key(_digit: string, atMs: number): void {
    this.#quiet.callerActive(atMs);
    this.#ending.personPresent();
    this.#interrupt(atMs);
    this.#unanswered = true;
    this.#activity = { kind: 'collecting-keys', untilMs: atMs + KEY_GROUP_MS };
  }

  tick(atMs: number): void {
    this.#greeting.tick(atMs);
    this.#ending.tick(atMs);
    if (this.#numbers.isOver(atMs)) this.#replyIfReady(atMs);
    if (this.#activity.kind === 'replying') this.#activity.pipeline.tick(atMs);
    if (this.#activity.kind === 'collecting-keys' && atMs >= this.#activity.untilMs)
      this.#keysComplete(this.#activity.untilMs - KEY_GROUP_MS, atMs);
    const { output, control } = this.#context;
    if (output.audible(atMs) || control.callerSpeaks()) {
      const isReply = this.#activity.kind === 'replying' && this.#activity.pipeline.started;
      this.#quiet.restart(atMs);
      if (!output.stalled(atMs)) this.#wait.audible(atMs, isReply);
      return;
    }
    this.#greeting.silent();
    if (this.#busy) this.#fillWait(atMs);
    else this.#quiet.breakSilence(atMs, this.#context);
  }

  stop(atMs: number): void {
    this.#cancelReply(atMs);
    this.#activity = suspended(this.#activity);
  }

  resume(atMs: number): void {
    this.#activity = resumed(this.#activity);
    this.#quiet.callerActive(atMs);
    this.#ending.personPresent();
    this.#wait.restart(atMs);
    this.#replyIfReady(atMs);
    const { output, settings } = this.#context;
    if (!this.#greeting.isPending) return;
    this.#greeting.end();
    if (this.#busy || settings.stillThereAfterMs === 0) return;
    // Another process greeted this caller, and the line was silent meanwhile.
    this.#quiet.asked(atMs);
    output.sayPrompt('still-there', atMs);
  }

  get #busy(): boolean {
    const { kind } = this.#activity;
    return this.#awaited.size > 0 || this.#numbers.waits || kind === 'replying' || kind === 'collecting-keys';
  }

  /** Cancels the reply, also between two sentences, where nothing is audible. */
  #interrupt(atMs: number): void {
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
    const { output, serviceCalls, conversation, control } = this.#context;
    if (!this.#unanswered || this.#awaited.size > 0 || this.#activity.kind !== 'listening') return;
    if (control.callerSpeaks() || this.#numbers.waits) return;
    this.#wait.startUnlessRunning(atMs);
    const pipeline = new ReplyPipeline({
      output,
      serviceCalls,
      language: this.#context.settings.language,
      outcome: {
        finished: (unsaid) => this.#replyFinished(pipeline, unsaid),
        failed: () => this.#replyFailed(pipeline),
      },
    });
    this.#activity = { kind: 'replying', pipeline };
    pipeline.start(conversation.said(atMs));
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
    this.#failures = 0;
    this.#ending.replySent();
  }

  #replyFailed(pipeline: ReplyPipeline): void {
    if (!this.#isCurrent(pipeline)) return;
    this.#activity = { kind: 'listening' };
    this.#failed('apology', this.#context.serviceCalls.now());
  }

  /** The recogniser found no words in a long utterance. The caller is asked once; a noisy line is not asked again and again. */
  #askToRepeat(atMs: number): void {
    if (!this.#askedToRepeat) this.#context.output.sayPrompt('not-understood', atMs);
    this.#askedToRepeat = true;
  }

  /** The caller heard nothing in response to a turn. */
  #failed(prompt: 'apology' | 'not-understood', atMs: number): void {
    this.#unanswered = false;
    if (!this.#busy) this.#wait.stop();
    this.#failures += 1;
    if (this.#failures >= MAX_FAILURES) this.#context.control.fallBack('apology-machine', atMs);
    else this.#context.output.sayPrompt(prompt, atMs);
  }

  /** Cancels the reply in progress. A reply of which nothing was sent leaves its question unanswered. */
  #cancelReply(atMs: number, reason?: 'late'): void {
    if (this.#activity.kind !== 'replying') return;
    const { pipeline } = this.#activity;
    this.#activity = { kind: 'listening' };
    const unsaid = pipeline.cancel(reason);
    if (!pipeline.started) return;
    this.#noteUnsaid(pipeline, unsaid, atMs);
    this.#unanswered = false;
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
      const late = [...this.#awaited.keys()];
      this.#awaited.clear();
      control.giveUpTexts(late);
      this.#failed('apology', atMs);
    } else if (due) output.sayPrompt(due, atMs);
  }
}
