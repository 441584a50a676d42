import type { ConversationTurn } from '../../ports.ts';
import type { AnswererContext } from '../answerer.ts';
import { ReplyPipeline } from '../reply/reply-pipeline.ts';

/** Drafts for one turn: each costs a request to the chat model and one to the voice. */
const MAX_DRAFTS = 3;

interface Draft {
  readonly pipeline: ReplyPipeline;
  /** The conversation that it replies to. */
  readonly conversation: string;
}

/** Receives the end of replies. */
export interface ReplyListener {
  /** A part at least was sent. */
  replyFinished(pipeline: ReplyPipeline): void;
  /** Nothing was sent. */
  replyFailed(pipeline: ReplyPipeline): void;
}

/** Creates replies. One may be prepared while the caller pauses; it is not sent before the turn is over. */
export class ReplyDrafts {
  readonly #context: AnswererContext;
  readonly #listener: ReplyListener;
  #draft: Draft | undefined;
  #drafts = 0;
  #taken: ReplyPipeline | undefined;

  constructor(context: AnswererContext, listener: ReplyListener) {
    this.#context = context;
    this.#listener = listener;
  }

  /** Prepares the reply to this conversation, instead of an earlier draft. */
  prepare(conversation: readonly ConversationTurn[]): void {
    const text = JSON.stringify(conversation);
    if (this.#draft?.conversation === text) return;
    this.discard();
    if (this.#drafts >= MAX_DRAFTS) return;
    this.#drafts += 1;
    const pipeline = this.#create();
    this.#draft = { pipeline, conversation: text };
    pipeline.prepare(conversation);
  }

  /** The number of the last reply that was started; 0: none was. */
  get last(): number {
    return this.#taken?.reply ?? 0;
  }

  /** The last reply that was started. */
  get lastReply(): ReplyPipeline | undefined {
    return this.#taken;
  }

  /** The last reply, if a part of it is still to be heard although all of it was sent. */
  unheard(atMs: number): ReplyPipeline | undefined {
    return this.#context.output.audible(atMs) && this.#taken?.isUnheard(atMs) ? this.#taken : undefined;
  }

  /** Forgets the audio of the last reply when it was heard: the caller may be silent for long. */
  forgetPlayed(atMs: number): void {
    if (!this.#context.output.audible(atMs)) this.#taken?.forgetPlayed(atMs);
  }

  /** The last reply is not continued any more. */
  endLast(): void {
    this.#taken?.cancel();
  }

  /** Cancels a reply; what was not passed to the output goes to the journal. */
  cancel(pipeline: ReplyPipeline, atMs: number, reason?: 'late'): void {
    const unsaid = pipeline.cancel(reason);
    if (pipeline.started) this.#noteUnsaid(pipeline, unsaid, atMs);
  }

  /** Further drafts belong to the next turn. */
  turnEnded(): void {
    this.#drafts = 0;
  }

  /** The reply to this conversation, prepared or new, to be started. */
  take(conversation: readonly ConversationTurn[]): ReplyPipeline {
    const draft = this.#draft;
    const isCurrent = draft?.conversation === JSON.stringify(conversation);
    if (!isCurrent) this.discard();
    this.#draft = undefined;
    this.#taken = isCurrent ? draft.pipeline : this.#create();
    return this.#taken;
  }

  /** The caller goes on, or something else happened in the conversation. */
  discard(): void {
    if (!this.#draft) return;
    this.#draft.pipeline.cancel();
    this.#draft = undefined;
    const { journal, serviceCalls } = this.#context;
    journal.append({ kind: 'draft-discarded', atMs: serviceCalls.now() });
  }

  #create(): ReplyPipeline {
    const { output, serviceCalls, settings, spokenReplies } = this.#context;
    const pipeline: ReplyPipeline = new ReplyPipeline({
      output,
      serviceCalls,
      spokenReplies,
      language: settings.language,
      spokenForm: settings.spokenForm,
      outcome: {
        finished: (unsaid) => {
          this.#noteUnsaid(pipeline, unsaid, serviceCalls.now());
          this.#listener.replyFinished(pipeline);
        },
        failed: () => this.#listener.replyFailed(pipeline),
      },
    });
    return pipeline;
  }

  #noteUnsaid({ reply }: ReplyPipeline, text: string, atMs: number): void {
    if (text) this.#context.journal.append({ kind: 'unsaid', atMs, reply, text });
  }
}
