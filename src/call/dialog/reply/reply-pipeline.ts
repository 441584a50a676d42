import { joinSentences } from '../../playback/heard-text.ts';
import type { SpokenFormMode } from '../../../events/call-settings.ts';
import type { SpeechOutput } from '../../playback/speech-output.ts';
import type { ConversationTurn } from '../../ports.ts';
import type { CancelRequest, ServiceCalls } from '../service-calls.ts';
import type { SpokenReplies } from '../spoken-replies.ts';
import { SpokenText } from '../text/spoken-text.ts';
import { ArrivingReply } from './arriving-reply.ts';
import { SpokenSentences } from './spoken-sentences.ts';

/** A reply with more sentences than this is cut off: callers do not listen that long. */
const MAX_SENTENCES = 60;
/** For the chat model, after the last words of a reply that broke off. */
const GO_ON =
  'The line broke off after your last words. Begin your sentence again, and say the rest of your reply. Do not mention this.';
/** A text that broke off here is a complete sentence. */
const COMPLETE_SENTENCE = /[.!?…。！？।؟]["'”’»)\]]*$/u;

export interface ReplyOutcome {
  /** A part at least was passed to the output. `unsaid`: the text that was not, because a service failed. */
  finished(unsaid: string): void;
  /** Nothing was passed to the output. `unsaid`: the whole text. */
  failed(unsaid: string): void;
}

/**
 * One reply in progress: its text streams in, sentences are spoken in order, the next is synthesised while one is sent. A sentence
 * whose synthesis fails is left out; the reply fails only if nothing of it was sent.
 */
export class ReplyPipeline {
  readonly #output: SpeechOutput;
  readonly #serviceCalls: ServiceCalls;
  readonly #outcome: ReplyOutcome;
  readonly #text: SpokenText;
  readonly #sentences: SpokenSentences;
  /** Text that was left out: incomplete at the end of a broken response, or beyond the maximum. */
  readonly #omitted: string[] = [];
  readonly #spokenReplies: SpokenReplies | undefined;
  readonly #language: string | undefined;
  /** Cancels the request for the text, or for the spoken response. */
  #cancelText: CancelRequest = () => {};
  /** `writing`: text still arrives. `written`: the text is complete. `over`: finished, failed or cancelled. */
  #phase: 'writing' | 'written' | 'over' = 'writing';

  /** `spokenReplies`: of a model that speaks the reply itself. `language`: of the call, a tag such as `de` or `pt-BR`. */
  constructor(options: {
    output: SpeechOutput;
    serviceCalls: ServiceCalls;
    outcome: ReplyOutcome;
    spokenReplies?: SpokenReplies | undefined;
    language?: string | undefined;
    spokenForm?: SpokenFormMode | undefined;
  }) {
    this.#spokenReplies = options.spokenReplies;
    this.#language = options.language;
    this.#output = options.output;
    this.#serviceCalls = options.serviceCalls;
    this.#outcome = options.outcome;
    this.#text = new SpokenText(options.language, options.spokenForm);
    this.#sentences = new SpokenSentences(options.output, options.serviceCalls, {
      allPassedOn: () => this.#allPassedOn(),
      voiceFailed: () => this.#stopWriting(),
    });
  }

  /** Its number in the call; 0 before the start. */
  get reply(): number {
    return this.#sentences.reply;
  }

  /** True if any part of the reply was passed to the output. */
  get started(): boolean {
    return this.#sentences.started;
  }

  /** Requests the reply and synthesises its first sentence, but sends nothing before `start`. */
  prepare(conversation: readonly ConversationTurn[]): void {
    this.#sentences.hold();
    this.#request(conversation);
  }

  /** Requests the reply, unless it was prepared, and sends it. */
  start(conversation: readonly ConversationTurn[]): void {
    this.#sentences.reply = this.#output.nextReply();
    if (!this.#sentences.isHeld) return this.#request(conversation);
    this.#sentences.release();
  }

  /** True while a part that was passed to the output is still to be heard. */
  isUnheard(atMs: number): boolean {
    return this.#sentences.isUnheard(atMs);
  }

  /** True if the caller is being asked something, or was just now. */
  isAsking(atMs: number): boolean {
    return this.#sentences.isAsking(atMs);
  }

  /** The output is cut by the caller: nothing is sent until `resume`. */
  pause(): void {
    this.#sentences.hold();
  }

  /** Sends what was not heard, from the word at which it was cut. */
  resume(atMs: number): void {
    if (this.#phase === 'over') this.#phase = 'written';
    this.#sentences.rewind(atMs);
    this.#sentences.release();
  }

  /** Cancels the reply; returns the text that was never passed to the output. `late`: the caller waited for it in vain. */
  cancel(reason?: 'late'): string {
    this.#phase = 'over';
    // Without a sentence it was the text that did not come.
    this.#cancelText(this.#sentences.count === 0 ? reason : undefined);
    this.#sentences.drop(reason);
    this.#omitted.push(...this.#text.flush(true));
    return this.#unsaid;
  }

  tick(atMs: number): void {
    this.#sentences.tick(atMs);
  }

  /** Forgets the audio of what was heard whole. */
  forgetPlayed(atMs: number): void {
    this.#sentences.forgetPlayed(atMs);
  }

  #request(conversation: readonly ConversationTurn[]): void {
    if (this.#spokenReplies?.available) this.#requestSpeech(this.#spokenReplies, conversation);
    else this.#requestText(conversation);
  }

  /** The reply is spoken by a model that has heard the caller; if it fails, the rest is written and spoken as usual. */
  #requestSpeech(spokenReplies: SpokenReplies, conversation: readonly ConversationTurn[]): void {
    const reply = new ArrivingReply(this.#sentences, this.#language, {
      complete: () => this.#written([]),
      failed: (words) => this.#replaceSpeech(conversation, words),
    });
    this.#cancelText = reply.request(spokenReplies);
  }

  /** `words`: what the model has said so far. */
  #replaceSpeech(conversation: readonly ConversationTurn[], words: string): void {
    if (this.#phase !== 'writing') return;
    const { replier, voice } = this.#serviceCalls.services;
    if (!replier || !voice) return this.#written([]);
    if (words === '') return this.#requestText(conversation);
    return this.#requestText([
      ...conversation,
      { speaker: 'assistant', text: words },
      { speaker: 'guidance', text: GO_ON },
    ]);
  }

  #requestText(conversation: readonly ConversationTurn[]): void {
    this.#cancelText = this.#serviceCalls.reply(conversation, {
      text: (text) => this.#add(this.#text.add(text)),
      retracted: () => this.#retract(),
      done: () => {
        const rest = this.#text.flush();
        if (this.#sentences.count + rest.length === 0) return false;
        this.#written(rest);
        return true;
      },
      failed: () => this.#brokenOff(this.#text.flush(true)),
    });
  }

  get #unsaid(): string {
    return joinSentences([...this.#sentences.unsent, ...this.#omitted]);
  }

  #add(texts: readonly string[]): void {
    for (const text of texts) {
      if (this.#sentences.count >= MAX_SENTENCES) this.#omitted.push(text);
      else this.#sentences.add(text);
    }
    if (this.#omitted.length > 0 && this.#sentences.count >= MAX_SENTENCES) this.#stopWriting();
    if (this.#phase !== 'over') this.#sentences.advance();
  }

  #written(rest: readonly string[]): void {
    if (this.#phase === 'writing') this.#phase = 'written';
    this.#add(rest);
  }

  /** The response broke off: its last words are spoken only if they are a complete sentence. */
  #brokenOff(rest: readonly string[]): void {
    const complete = rest.filter((text) => COMPLETE_SENTENCE.test(text));
    this.#omitted.push(...rest.filter((text) => !complete.includes(text)));
    this.#written(complete);
  }

  /** The text so far is no part of the reply: what was not sent is dropped, what is being heard is cut. */
  #retract(): void {
    if (this.#phase === 'over') return;
    this.#text.flush();
    if (this.started) this.#output.cut(this.#serviceCalls.now());
    this.#sentences.clear();
    this.#omitted.length = 0;
  }

  #allPassedOn(): void {
    if (this.#phase !== 'written') return;
    this.#phase = 'over';
    if (this.started) this.#outcome.finished(this.#unsaid);
    else this.#outcome.failed(this.#unsaid);
  }

  /** Requests no further text. */
  #stopWriting(): void {
    if (this.#phase !== 'writing') return;
    this.#cancelText();
    this.#phase = 'written';
  }
}
