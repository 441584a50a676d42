import type { AnswererContext } from '../answerer.ts';
import type { ReplyPipeline } from '../reply/reply-pipeline.ts';
import { Interruption } from './interruption.ts';
import { ReplyDrafts } from './reply-drafts.ts';

/** Receives the end of replies. */
export interface ReplyEndListener {
  /** A part at least was passed to the output, and nothing more follows. */
  replySent(): void;
  /** Nothing was passed to the output. */
  replyFailed(): void;
}

/** The assistant's replies: one at most is in progress or interrupted. */
export class ReplyControl {
  /** True if the caller said something that has no reply yet. */
  unanswered = false;
  readonly #context: AnswererContext;
  readonly #drafts: ReplyDrafts;
  readonly #interruption: Interruption;
  #current: ReplyPipeline | undefined;

  constructor(context: AnswererContext, listener: ReplyEndListener) {
    this.#context = context;
    this.#interruption = new Interruption(context.settings.rules.assent, context.settings.language);
    this.#drafts = new ReplyDrafts(context, {
      replyFinished: (pipeline) => {
        if (!this.#ended(pipeline)) return;
        this.unanswered = false;
        listener.replySent();
      },
      replyFailed: (pipeline) => {
        if (this.#ended(pipeline)) listener.replyFailed();
      },
    });
  }

  get inProgress(): boolean {
    return this.#current !== undefined;
  }

  /** True if a part of the reply in progress was passed to the output. */
  get started(): boolean {
    return this.#current?.started ?? false;
  }

  /** True from the interruption of a reply until it continues or is cancelled. */
  get interrupted(): boolean {
    return this.#interruption.pending;
  }

  /** True if the interrupted reply is to continue as soon as the caller is silent. */
  get continues(): boolean {
    return this.#interruption.isSettled;
  }

  /** Further drafts belong to the next turn. */
  turnEnded(): void {
    this.#drafts.turnEnded();
  }

  discardDraft(): void {
    this.#drafts.discard();
  }

  /** Prepares the reply to these words of a caller who pauses. */
  prepare(text: string, atMs: number): void {
    if (text === '' || this.#interruption.isHarmless(text)) return;
    this.#drafts.prepare(this.#context.conversation.saidWith(text, atMs));
  }

  request(atMs: number): void {
    const said = this.#context.conversation.said(atMs);
    this.#current = this.#drafts.take(said);
    this.#current.start(said);
  }

  tick(atMs: number): void {
    this.#current?.tick(atMs);
    this.#drafts.forgetPlayed(atMs);
  }

  /** The caller interrupts. A reply that is being heard is only paused: the caller's words decide whether it continues. */
  interrupt(atMs: number): void {
    if (this.#interruption.pending) return;
    const heard = this.#current ? this.started && this.#current : this.#drafts.unheard(atMs);
    if (!heard) return this.cancelAll(atMs);
    this.#drafts.discard();
    heard.pause();
    this.#interruption.begin(heard, { isAsking: heard.isAsking(atMs) });
    if (this.#current) this.unanswered = false;
    this.#current = undefined;
  }

  /** True if words over our speech that were too short to interrupt it are more than a cough or assent. */
  isInterruptedBy(text: string, atMs: number): boolean {
    const isAsking = (this.#current ?? this.#drafts.lastReply)?.isAsking(atMs) ?? false;
    return !this.#interruption.isAside(text, { isAsking });
  }

  /** True if there is an interrupted reply, and it continues after this text. */
  continuesAfter(text: string): boolean {
    return this.#interruption.isHarmless(text);
  }

  /** The caller said this. Harmless words let an interrupted reply continue. */
  callerSaid(text: string, atMs: number): void {
    if (this.#interruption.isHarmless(text)) {
      this.#interruption.settle();
      return;
    }
    this.endInterruption(atMs);
    this.unanswered ||= text !== '';
  }

  /** The caller said something that has no text. */
  callerSpoke(atMs: number): void {
    this.endInterruption(atMs);
    this.unanswered = true;
  }

  /** Sends the rest of the interrupted reply. */
  continue(atMs: number): void {
    this.#drafts.discard();
    this.#current = this.#interruption.take();
    this.#current?.resume(atMs);
  }

  /** Cancels the reply in progress. A reply of which nothing was heard leaves its question unanswered. */
  cancel(atMs: number, reason?: 'late'): void {
    const pipeline = this.#current;
    if (!pipeline) return;
    this.#current = undefined;
    this.#drafts.cancel(pipeline, atMs, reason);
    if (pipeline.started) this.unanswered = !this.#wasHeard(pipeline.reply, atMs);
  }

  /** The interruption was a real one, or something else ends the reply. */
  endInterruption(atMs: number): void {
    const pipeline = this.#interruption.take();
    if (!pipeline) return;
    this.#drafts.cancel(pipeline, atMs);
    this.unanswered ||= !this.#wasHeard(pipeline.reply, atMs);
  }

  /** Cancels whatever is in progress; the last reply is not continued any more, either. */
  cancelAll(atMs: number): void {
    this.#drafts.discard();
    this.endInterruption(atMs);
    this.cancel(atMs);
    this.#drafts.endLast();
  }

  /** Cancels everything; a reply of which nothing was heard is to be given again. */
  suspend(atMs: number): void {
    this.cancelAll(atMs);
    this.unanswered ||= !this.#wasHeard(this.#drafts.last, atMs);
  }

  #wasHeard(reply: number, atMs: number): boolean {
    return this.#context.conversation.wasHeard(reply, atMs);
  }

  /** False if it is not the reply in progress. */
  #ended(pipeline: ReplyPipeline): boolean {
    if (this.#current !== pipeline) return false;
    this.#current = undefined;
    return true;
  }
}
