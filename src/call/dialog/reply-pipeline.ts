import type { SpeechOutput } from '../playback/speech-output.ts';
import type { Said } from '../ports.ts';
import { SentenceSplitter } from './sentence-splitter.ts';
import type { ServiceCalls } from './service-calls.ts';

/** How many sentences may be in the making at once: the one being sent and the next. */
const SPOKEN_AHEAD = 2;
/** A reply of more sentences than this is not listened to: the rest is dropped. */
const LONGEST_REPLY_SENTENCES = 60;

interface Sentence {
  readonly text: string;
  /** Audio that came before it was this sentence's turn. */
  early: Uint8Array[];
  piece?: number;
  asked: boolean;
  /** All its sound is here; all of it was handed to the line. */
  done: boolean;
  handedOver: boolean;
  room?: () => void;
}

export interface ReplyOutcome {
  /** Everything was handed to the line. */
  finished(): void;
  /** `unsaid`: the text that was never handed to the line. */
  failed(error: unknown, unsaid: string): void;
}

/** One reply in the making: text streams in, sentences are spoken in order, the next one while the one before is sent. */
export class ReplyPipeline {
  readonly reply: number;
  readonly #mouth: SpeechOutput;
  readonly #desk: ServiceCalls;
  readonly #outcome: ReplyOutcome;
  readonly #cutter = new SentenceSplitter();
  readonly #sentences: Sentence[] = [];
  readonly #cancels: (() => void)[] = [];
  #written = false;
  #over = false;
  #opened = 0;

  constructor(parts: { mouth: SpeechOutput; desk: ServiceCalls; outcome: ReplyOutcome }) {
    this.#mouth = parts.mouth;
    this.#desk = parts.desk;
    this.#outcome = parts.outcome;
    this.reply = parts.mouth.nextReply();
  }

  /** Whether any of it has been handed to the line. */
  get saidSomething(): boolean {
    return this.#opened > 0;
  }

  start(conversation: readonly Said[]): void {
    const cancel = this.#desk.reply(conversation, {
      text: (text) => this.#take(this.#cutter.add(text)),
      done: () => {
        this.#take(this.#cutter.flush());
        this.#written = true;
        this.#advance();
      },
      failed: (error) => this.#fail(error),
    });
    this.#cancels.push(cancel);
  }

  /** Stops it; gives the text that was never handed to the line. */
  cancel(): string {
    this.#over = true;
    for (const cancel of this.#cancels) cancel();
    for (const sentence of this.#sentences) sentence.room?.();
    const unsaid = this.#sentences.filter((one) => one.piece === undefined).map((one) => one.text);
    return [...unsaid, ...this.#cutter.flush()].join(' ');
  }

  /** There may be room again for audio that was held back. */
  resume(): void {
    if (this.#mouth.full) return;
    for (const sentence of this.#sentences) {
      sentence.room?.();
      delete sentence.room;
    }
  }

  #take(texts: readonly string[]): void {
    for (const text of texts) {
      if (this.#sentences.length >= LONGEST_REPLY_SENTENCES) return;
      this.#sentences.push({ text, early: [], asked: false, done: false, handedOver: false });
    }
    this.#advance();
  }

  #advance(): void {
    if (this.#over) return;
    const unfinished = (): number => this.#sentences.findIndex((one) => !one.handedOver);
    let current = unfinished();
    while (current >= 0 && this.#handOver(this.#sentences[current]!)) current = unfinished();
    if (current < 0) {
      if (!this.#written) return;
      this.#over = true;
      this.#outcome.finished();
      return;
    }
    for (const sentence of this.#sentences.slice(current, current + SPOKEN_AHEAD)) {
      if (!sentence.asked) this.#speak(sentence);
    }
  }

  /** Makes it this sentence's turn, once it has sound; true when it is complete. */
  #handOver(sentence: Sentence): boolean {
    if (sentence.early.length === 0 && !sentence.done) return false;
    const atMs = this.#desk.now();
    if (sentence.piece === undefined) {
      sentence.piece = this.#mouth.open(
        { reply: this.reply, speaker: 'assistant', text: sentence.text, role: 'reply' },
        atMs,
      );
      this.#opened += 1;
    }
    for (const mulaw of sentence.early) this.#mouth.push(sentence.piece, mulaw, atMs);
    sentence.early = [];
    if (sentence.done) this.#mouth.complete(sentence.piece, atMs);
    sentence.handedOver = sentence.done;
    return sentence.handedOver;
  }

  #speak(sentence: Sentence): void {
    sentence.asked = true;
    const cancel = this.#desk.speak(sentence.text, {
      audio: (mulaw) => {
        if (this.#over) return undefined;
        sentence.early.push(mulaw);
        this.#advance();
        if (!this.#mouth.full) return undefined;
        return new Promise((resolve) => (sentence.room = resolve));
      },
      done: () => {
        sentence.done = true;
        this.#advance();
      },
      failed: (error) => this.#fail(error),
    });
    this.#cancels.push(cancel);
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    const open = this.#sentences.find((one) => one.piece !== undefined && !one.handedOver);
    if (open?.piece !== undefined) this.#mouth.breakOff(open.piece, this.#desk.now());
    this.#outcome.failed(error, this.cancel());
  }
}
