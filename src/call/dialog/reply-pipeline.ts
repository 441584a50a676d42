import type { SpeechOutput } from '../playback/speech-output.ts';
import type { ConversationTurn } from '../ports.ts';
import { SentenceSplitter } from './sentence-splitter.ts';
import type { ServiceCalls } from './service-calls.ts';

/** Sentences that are synthesised at the same time: the one being sent and the next one. */
const SENTENCES_IN_SYNTHESIS = 2;
/** A reply with more sentences than this is cut off: callers do not listen that long. */
const MAX_SENTENCES = 60;

interface Sentence {
  readonly text: string;
  /** Audio that arrived before it was this sentence's turn to be sent. */
  early: Uint8Array[];
  piece?: number;
  requested: boolean;
  /** All audio has arrived. */
  synthesised: boolean;
  /** All audio was passed to the output. */
  passedOn: boolean;
  /** Resolves the wait of a speech stream for room in the output queue. */
  room?: () => void;
}

export interface ReplyOutcome {
  /** Everything was passed to the output. */
  finished(): void;
  /** `unsaid`: the text that was never passed to the output. */
  failed(error: unknown, unsaid: string): void;
}

/** One reply in progress: its text streams in, sentences are spoken in order, the next is synthesised while one is sent. */
export class ReplyPipeline {
  readonly reply: number;
  readonly #output: SpeechOutput;
  readonly #serviceCalls: ServiceCalls;
  readonly #outcome: ReplyOutcome;
  readonly #splitter = new SentenceSplitter();
  readonly #sentences: Sentence[] = [];
  readonly #cancels: (() => void)[] = [];
  /** `writing`: text still arrives. `written`: the text is complete. `over`: finished, failed or cancelled. */
  #phase: 'writing' | 'written' | 'over' = 'writing';
  #openedPieces = 0;

  constructor(options: { output: SpeechOutput; serviceCalls: ServiceCalls; outcome: ReplyOutcome }) {
    this.#output = options.output;
    this.#serviceCalls = options.serviceCalls;
    this.#outcome = options.outcome;
    this.reply = options.output.nextReply();
  }

  /** True if any part of the reply was passed to the output. */
  get started(): boolean {
    return this.#openedPieces > 0;
  }

  start(conversation: readonly ConversationTurn[]): void {
    const cancel = this.#serviceCalls.reply(conversation, {
      text: (text) => this.#add(this.#splitter.add(text)),
      done: () => {
        this.#add(this.#splitter.flush());
        if (this.#phase === 'writing') this.#phase = 'written';
        this.#advance();
      },
      failed: (error) => this.#fail(error),
    });
    this.#cancels.push(cancel);
  }

  /** Cancels the reply; returns the text that was never passed to the output. */
  cancel(): string {
    this.#phase = 'over';
    for (const cancel of this.#cancels) cancel();
    for (const sentence of this.#sentences) sentence.room?.();
    const unsaid = this.#sentences.filter((one) => one.piece === undefined).map((one) => one.text);
    return [...unsaid, ...this.#splitter.flush()].join(' ');
  }

  /** The output queue may have room again: lets speech streams continue. */
  resume(): void {
    if (this.#output.full) return;
    for (const sentence of this.#sentences) {
      sentence.room?.();
      delete sentence.room;
    }
  }

  #add(texts: readonly string[]): void {
    for (const text of texts) {
      if (this.#sentences.length >= MAX_SENTENCES) return;
      this.#sentences.push({ text, early: [], requested: false, synthesised: false, passedOn: false });
    }
    this.#advance();
  }

  #advance(): void {
    if (this.#phase === 'over') return;
    const nextSentence = (): number => this.#sentences.findIndex((one) => !one.passedOn);
    let current = nextSentence();
    while (current >= 0 && this.#passOn(this.#sentences[current]!)) current = nextSentence();
    if (current < 0) {
      if (this.#phase === 'writing') return;
      this.#phase = 'over';
      this.#outcome.finished();
      return;
    }
    for (const sentence of this.#sentences.slice(current, current + SENTENCES_IN_SYNTHESIS)) {
      if (!sentence.requested) this.#synthesise(sentence);
    }
  }

  /** Passes the sentence's audio to the output; returns true when the sentence is complete. */
  #passOn(sentence: Sentence): boolean {
    if (sentence.early.length === 0 && !sentence.synthesised) return false;
    const atMs = this.#serviceCalls.now();
    if (sentence.piece === undefined) {
      sentence.piece = this.#output.open(
        { reply: this.reply, speaker: 'assistant', text: sentence.text, role: 'reply' },
        atMs,
      );
      this.#openedPieces += 1;
    }
    for (const mulaw of sentence.early) this.#output.push(sentence.piece, mulaw, atMs);
    sentence.early = [];
    if (sentence.synthesised) this.#output.complete(sentence.piece, atMs);
    sentence.passedOn = sentence.synthesised;
    return sentence.passedOn;
  }

  #synthesise(sentence: Sentence): void {
    sentence.requested = true;
    const cancel = this.#serviceCalls.speak(sentence.text, {
      audio: (mulaw) => {
        if (this.#phase === 'over') return undefined;
        sentence.early.push(mulaw);
        this.#advance();
        if (!this.#output.full) return undefined;
        return new Promise((resolve) => (sentence.room = resolve));
      },
      done: () => {
        sentence.synthesised = true;
        this.#advance();
      },
      failed: (error) => this.#fail(error),
    });
    this.#cancels.push(cancel);
  }

  #fail(error: unknown): void {
    if (this.#phase === 'over') return;
    const open = this.#sentences.find((one) => one.piece !== undefined && !one.passedOn);
    if (open?.piece !== undefined) this.#output.breakOff(open.piece, this.#serviceCalls.now());
    this.#outcome.failed(error, this.cancel());
  }
}
