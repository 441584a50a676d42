import type { SpeechOutput } from '../../playback/speech-output.ts';
import type { CancelRequest, ServiceCalls } from '../service-calls.ts';
import {
  dropSentence,
  endWords,
  forgetHeard,
  forgetPlayed,
  hasAudioToSend,
  isAsking,
  isUnheard,
  newSentence,
  playoutDelayOf,
  type ReplySentence,
  rewind,
} from './reply-sentence.ts';
import { changeWords, completeWords, type SpokenResponse } from './response-words.ts';

/** Sentences that are synthesised at the same time: the one being sent and the next one. */
const SENTENCES_IN_SYNTHESIS = 2;
/** After this many sentences in a row whose synthesis failed, the rest is not attempted. */
const MAX_FAILED_SENTENCES = 2;
/** A pause of the voice within a sentence. Fillers cannot be played meanwhile, and callers wait 4 s at most. */
const MAX_STALL_MS = 2_500;

export interface PassOnListener {
  /** Every sentence so far was passed to the output, or failed. */
  allPassedOn(): void;
  /** The voice fails again and again: further text would not be spoken. */
  voiceFailed(): void;
}

/** The sentences of one reply: synthesises them, and passes their audio to the output in order. */
export class SpokenSentences {
  /** The number of the reply; 0 before its start. */
  reply = 0;
  /** True if any part was passed to the output. */
  started = false;
  readonly #output: SpeechOutput;
  readonly #serviceCalls: ServiceCalls;
  readonly #listener: PassOnListener;
  readonly #sentences: ReplySentence[] = [];
  /** Since when the piece that is being played has no more audio. */
  #stalledSinceMs: number | undefined;
  #held = false;
  #dropped = false;

  constructor(output: SpeechOutput, serviceCalls: ServiceCalls, listener: PassOnListener) {
    this.#output = output;
    this.#serviceCalls = serviceCalls;
    this.#listener = listener;
  }

  get count(): number {
    return this.#sentences.length;
  }

  get isHeld(): boolean {
    return this.#held;
  }

  /** Texts of which nothing was passed to the output. */
  get unsent(): string[] {
    const unsent = this.#sentences.filter((one) => one.piece === undefined && one.continues === undefined);
    return unsent.map(({ text }) => text);
  }

  add(text: string): void {
    this.#sentences.push(newSentence(text));
  }

  /** A response whose words arrive with its audio: one entry of the list, whatever sentences it has. `cancel`: of its request. */
  addResponse(request: number, cancel: CancelRequest): SpokenResponse {
    const sentence = newSentence('', request);
    sentence.cancel = cancel;
    this.#sentences.push(sentence);
    return {
      audio: (mulaw) => this.#arrived(sentence, mulaw),
      words: (text) => changeWords(sentence, text, this.#output, this.#serviceCalls.now()),
      complete: (text, anchors) => {
        completeWords(sentence, { text, anchors }, this.#output, this.#serviceCalls.now());
        this.#ended(sentence, 'complete');
      },
      failed: () => this.#ended(sentence, 'failed'),
    };
  }

  /** Sends nothing until `release`; only the first sentence is synthesised. */
  hold(): void {
    this.#held = true;
    this.#stalledSinceMs = undefined;
    this.#output.saveWords(this.#serviceCalls.now());
  }

  release(): void {
    this.#held = false;
    this.advance();
  }

  isUnheard(atMs: number): boolean {
    return !this.#dropped && isUnheard(this.#sentences, this.#output, atMs);
  }

  isAsking(atMs: number): boolean {
    return isAsking(this.#sentences, this.#output, atMs);
  }

  /** The output was cut: what was not heard is to be sent again. */
  rewind(atMs: number): void {
    for (const sentence of this.#sentences) rewind(sentence, this.#output, atMs);
  }

  /** Nothing more is sent. */
  drop(reason?: 'late'): void {
    this.#dropped = true;
    this.#output.saveWords(this.#serviceCalls.now());
    for (const sentence of this.#sentences) dropSentence(sentence, reason);
  }

  /** Removes all sentences. */
  clear(): void {
    for (const sentence of this.#sentences) dropSentence(sentence);
    this.#sentences.length = 0;
  }

  /** Forgets the audio of what was heard whole. */
  forgetPlayed(atMs: number): void {
    forgetPlayed(this.#sentences, this.#output, atMs);
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

  /** Passes on what is ready, and synthesises what comes next. */
  advance(): void {
    if (this.#dropped) return;
    const nextSentence = (): number => this.#sentences.findIndex((one) => !one.passedOn);
    let current = nextSentence();
    if (this.#held) {
      const first = this.#sentences[current];
      if (first && first.cancel === undefined) this.#synthesise(first);
      return;
    }
    while (current >= 0 && this.#passOn(this.#sentences[current]!)) current = nextSentence();
    if (current < 0) {
      this.#listener.allPassedOn();
      return;
    }
    for (const sentence of this.#sentences.slice(current, current + SENTENCES_IN_SYNTHESIS)) {
      if (sentence.cancel === undefined && sentence.audio === 'arriving') this.#synthesise(sentence);
    }
  }

  /** Passes the sentence's audio to the output; returns true when nothing more of it comes. */
  #passOn(sentence: ReplySentence): boolean {
    if (hasAudioToSend(sentence, this.#serviceCalls.services.voice)) this.#send(sentence);
    const { audio, piece } = sentence;
    if (audio === 'arriving') return false;
    sentence.passedOn = true;
    if (piece === undefined) return true;
    const atMs = this.#serviceCalls.now();
    if (audio === 'complete') this.#output.complete(piece, atMs, endWords(sentence));
    else this.#output.breakOff(piece, atMs);
    return true;
  }

  #send(sentence: ReplySentence): void {
    const atMs = this.#serviceCalls.now();
    if (sentence.piece === undefined) {
      const { text, continues, request, skipped: fromSample } = sentence;
      const what = { reply: this.reply, speaker: 'assistant', text, role: 'reply', continues } as const;
      const spoken = request === undefined ? undefined : { request, fromSample };
      const delayMs = playoutDelayOf(sentence, this.#serviceCalls.services.voice);
      sentence.piece = this.#output.open({ ...what, spoken }, atMs, delayMs);
      this.started = true;
    }
    for (const mulaw of sentence.early) this.#output.push(sentence.piece, mulaw, atMs);
    sentence.sent.add(sentence.early);
    sentence.early = [];
    forgetHeard(this.#sentences);
  }

  #synthesise(sentence: ReplySentence): void {
    // Set first: the service may answer before `speak` returns.
    sentence.cancel = () => {};
    sentence.cancel = this.#serviceCalls.speak(sentence.text, {
      audio: (mulaw) => this.#arrived(sentence, mulaw),
      reworded: (spoken) => (sentence.spoken = spoken),
      done: () => this.#ended(sentence, 'complete'),
      failed: () => this.#ended(sentence, 'failed'),
    });
  }

  #arrived(sentence: ReplySentence, mulaw: Uint8Array): void | Promise<void> {
    if (this.#dropped) return undefined;
    sentence.early.push(mulaw);
    this.advance();
    return this.#output.full ? new Promise((resolve) => (sentence.room = resolve)) : undefined;
  }

  #ended(sentence: ReplySentence, audio: 'complete' | 'failed'): void {
    sentence.audio = audio;
    if (audio === 'failed') this.#sentenceFailed();
    this.advance();
  }

  /** The voice stopped within the sentence that is being played. */
  #endStalled(): void {
    const sentence = this.#sentences.find((one) => !one.passedOn);
    this.#stalledSinceMs = undefined;
    if (sentence?.piece === undefined || sentence.audio !== 'arriving') return;
    dropSentence(sentence, 'late');
    sentence.audio = 'failed';
    this.#sentenceFailed();
    this.advance();
  }

  /** A voice that fails again and again is not asked for the rest of the reply. */
  #sentenceFailed(): void {
    const tried = this.#sentences.filter((one) => one.audio !== 'arriving');
    const last = tried.slice(-MAX_FAILED_SENTENCES);
    if (last.length < MAX_FAILED_SENTENCES || last.some((one) => one.audio === 'complete')) return;
    this.#listener.voiceFailed();
    for (const sentence of this.#sentences) {
      if (sentence.audio === 'arriving' && sentence.cancel === undefined) sentence.audio = 'failed';
    }
  }
}
