import { joinSentences } from '../../playback/heard-text.ts';
import type { SpeechOutput } from '../../playback/speech-output.ts';
import type { ConversationTurn } from '../../ports.ts';
import { dropSentence, hasAudioToSend, type ReplySentence } from './reply-sentence.ts';
import type { CancelRequest, ServiceCalls } from '../service-calls.ts';
import { SpokenText } from '../text/spoken-text.ts';

/** Sentences that are synthesised at the same time: the one being sent and the next one. */
const SENTENCES_IN_SYNTHESIS = 2;
/** A reply with more sentences than this is cut off: callers do not listen that long. */
const MAX_SENTENCES = 60;
/** After this many sentences in a row whose synthesis failed, the rest is not attempted. */
const MAX_FAILED_SENTENCES = 2;
/** A pause of the voice within a sentence. Fillers cannot be played meanwhile, and callers wait 4 s at most. */
const MAX_STALL_MS = 2_500;
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
  /** Its number in the call; 0 before the start. */
  reply = 0;
  readonly #output: SpeechOutput;
  readonly #serviceCalls: ServiceCalls;
  readonly #outcome: ReplyOutcome;
  readonly #text: SpokenText;
  readonly #sentences: ReplySentence[] = [];
  /** Text that was left out: incomplete at the end of a broken response, or beyond the maximum. */
  readonly #omitted: string[] = [];
  #cancelText: CancelRequest = () => {};
  /** `writing`: text still arrives. `written`: the text is complete. `over`: finished, failed or cancelled. */
  #phase: 'writing' | 'written' | 'over' = 'writing';
  #openedPieces = 0;
  /** Since when the piece that is being played has no more audio. */
  #stalledSinceMs: number | undefined;
  /** True while nothing may be sent: the caller may go on. */
  #held = false;

  /** `language`: of the call, a tag such as `de` or `pt-BR`. */
  constructor(options: {
    output: SpeechOutput;
    serviceCalls: ServiceCalls;
    outcome: ReplyOutcome;
    language?: string | undefined;
  }) {
    this.#output = options.output;
    this.#serviceCalls = options.serviceCalls;
    this.#outcome = options.outcome;
    this.#text = new SpokenText(options.language);
  }

  /** True if any part of the reply was passed to the output. */
  get started(): boolean {
    return this.#openedPieces > 0;
  }

  /** Requests the reply and synthesises its first sentence, but sends nothing before `start`. */
  prepare(conversation: readonly ConversationTurn[]): void {
    this.#held = true;
    this.#request(conversation);
  }

  /** Requests the reply, unless it was prepared, and sends it. */
  start(conversation: readonly ConversationTurn[]): void {
    this.reply = this.#output.nextReply();
    if (!this.#held) return this.#request(conversation);
    this.#held = false;
    this.#advance();
  }

  /** Cancels the reply; returns the text that was never passed to the output. `late`: the caller waited for it in vain. */
  cancel(reason?: 'late'): string {
    this.#phase = 'over';
    // Without a sentence it was the text that did not come.
    this.#cancelText(this.#sentences.length === 0 ? reason : undefined);
    for (const sentence of this.#sentences) dropSentence(sentence, reason);
    this.#omitted.push(...this.#text.flush(true));
    return this.#unsaid;
  }

  /** Lets speech streams continue when the output queue has room again, and ends one that leaves the caller in silence. */
  tick(atMs: number): void {
    this.#stalledSinceMs = this.#output.stalled(atMs) ? (this.#stalledSinceMs ?? atMs) : undefined;
    if (this.#stalledSinceMs !== undefined && atMs - this.#stalledSinceMs >= MAX_STALL_MS) this.#endStalled();
    if (this.#output.full) return;
    for (const sentence of this.#sentences) {
      sentence.room?.();
      delete sentence.room;
    }
  }

  /** The voice stopped within the sentence that is being played. */
  #endStalled(): void {
    const sentence = this.#sentences.find((one) => !one.passedOn);
    this.#stalledSinceMs = undefined;
    if (sentence?.piece === undefined || sentence.audio !== 'arriving') return;
    dropSentence(sentence, 'late');
    sentence.audio = 'failed';
    this.#sentenceFailed();
    this.#advance();
  }

  #request(conversation: readonly ConversationTurn[]): void {
    this.#cancelText = this.#serviceCalls.reply(conversation, {
      text: (text) => this.#add(this.#text.add(text)),
      retracted: () => this.#retract(),
      done: () => {
        const rest = this.#text.flush();
        if (this.#sentences.length + rest.length === 0) return false;
        this.#written(rest);
        return true;
      },
      failed: () => this.#brokenOff(this.#text.flush(true)),
    });
  }

  get #unsaid(): string {
    const unspoken = this.#sentences.filter((one) => one.piece === undefined).map((one) => one.text);
    return joinSentences([...unspoken, ...this.#omitted]);
  }

  #add(texts: readonly string[]): void {
    for (const text of texts) {
      if (this.#sentences.length >= MAX_SENTENCES) this.#omitted.push(text);
      else this.#sentences.push({ text, early: [], audio: 'arriving', passedOn: false });
    }
    if (this.#omitted.length > 0 && this.#sentences.length >= MAX_SENTENCES) this.#stopWriting();
    this.#advance();
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
    for (const sentence of this.#sentences) dropSentence(sentence);
    if (this.started) this.#output.cut(this.#serviceCalls.now());
    this.#sentences.length = 0;
    this.#omitted.length = 0;
  }

  #advance(): void {
    if (this.#phase === 'over') return;
    const nextSentence = (): number => this.#sentences.findIndex((one) => !one.passedOn);
    let current = nextSentence();
    if (this.#held) {
      const first = this.#sentences[current];
      if (first && first.cancel === undefined) this.#synthesise(first);
      return;
    }
    while (current >= 0 && this.#passOn(this.#sentences[current]!)) current = nextSentence();
    if (current < 0) {
      if (this.#phase === 'written') this.#end();
      return;
    }
    for (const sentence of this.#sentences.slice(current, current + SENTENCES_IN_SYNTHESIS)) {
      if (sentence.cancel === undefined && sentence.audio === 'arriving') this.#synthesise(sentence);
    }
  }

  #end(): void {
    this.#phase = 'over';
    if (this.started) this.#outcome.finished(this.#unsaid);
    else this.#outcome.failed(this.#unsaid);
  }

  /** Passes the sentence's audio to the output; returns true when nothing more of it comes. */
  #passOn(sentence: ReplySentence): boolean {
    if (hasAudioToSend(sentence)) this.#send(sentence);
    const { audio, piece } = sentence;
    if (audio === 'arriving') return false;
    sentence.passedOn = true;
    if (piece === undefined) return true;
    const atMs = this.#serviceCalls.now();
    if (audio === 'complete') this.#output.complete(piece, atMs, sentence.spoken);
    else this.#output.breakOff(piece, atMs);
    return true;
  }

  #send(sentence: ReplySentence): void {
    const atMs = this.#serviceCalls.now();
    if (sentence.piece === undefined) {
      const what = { reply: this.reply, speaker: 'assistant', text: sentence.text, role: 'reply' } as const;
      sentence.piece = this.#output.open(what, atMs);
      this.#openedPieces += 1;
    }
    for (const mulaw of sentence.early) this.#output.push(sentence.piece, mulaw, atMs);
    sentence.early = [];
  }

  #synthesise(sentence: ReplySentence): void {
    const ended = (audio: 'complete' | 'failed'): void => {
      sentence.audio = audio;
      if (audio === 'failed') this.#sentenceFailed();
      this.#advance();
    };
    // Set first: the service may answer before `speak` returns.
    sentence.cancel = () => {};
    sentence.cancel = this.#serviceCalls.speak(sentence.text, {
      audio: (mulaw) => {
        if (this.#phase === 'over') return undefined;
        sentence.early.push(mulaw);
        this.#advance();
        return this.#output.full ? new Promise((resolve) => (sentence.room = resolve)) : undefined;
      },
      reworded: (spoken) => (sentence.spoken = spoken),
      done: () => ended('complete'),
      failed: () => ended('failed'),
    });
  }

  /** Requests no further text. */
  #stopWriting(): void {
    if (this.#phase !== 'writing') return;
    this.#cancelText();
    this.#phase = 'written';
  }

  /** A voice that fails again and again is not asked for the rest of the reply. */
  #sentenceFailed(): void {
    const tried = this.#sentences.filter((one) => one.audio !== 'arriving');
    const last = tried.slice(-MAX_FAILED_SENTENCES);
    if (last.length < MAX_FAILED_SENTENCES || last.some((one) => one.audio === 'complete')) return;
    this.#stopWriting();
    for (const sentence of this.#sentences) {
      if (sentence.audio === 'arriving' && sentence.cancel === undefined) sentence.audio = 'failed';
    }
  }
}
