import type { CancelRequest } from '../service-calls.ts';
import type { SpokenReplies } from '../spoken-replies.ts';
import { sentenceAnchors } from './sentence-anchors.ts';
import { SpeechPauses } from './speech-pauses.ts';
import type { SpokenResponse } from './response-words.ts';
import type { SpokenSentences } from './spoken-sentences.ts';

/** Receives the end of a response. */
export interface ArrivingReplyListener {
  complete(): void;
  /** It broke off after these words, or never began. */
  failed(words: string): void;
}

/** A reply that a speech-to-speech model speaks: passes its audio to the output, with its words as they become known. */
export class ArrivingReply {
  readonly #sentences: SpokenSentences;
  readonly #language: string | undefined;
  readonly #listener: ArrivingReplyListener;
  readonly #pauses = new SpeechPauses();
  #response: SpokenResponse | undefined;
  #words = '';
  #isOver = false;

  /** `language`: of the call. */
  constructor(sentences: SpokenSentences, language: string | undefined, listener: ArrivingReplyListener) {
    this.#sentences = sentences;
    this.#language = language;
    this.#listener = listener;
  }

  /** Returns what cancels the response. */
  request(spokenReplies: SpokenReplies): CancelRequest {
    const { request, cancel } = spokenReplies.reply({
      audio: (mulaw) => {
        this.#pauses.add(mulaw);
        this.#response ??= this.#begin(request, stop);
        return this.#response.audio(mulaw);
      },
      words: (more) => this.#addWords(more),
      done: () => this.#done(),
      failed: () => this.#failed(),
    });
    const stop: CancelRequest = (reason) => {
      cancel(reason);
      // A response that stalls is replaced, as one that breaks off.
      if (reason === 'late') this.#failed();
    };
    return stop;
  }

  #begin(request: number, stop: CancelRequest): SpokenResponse {
    const response = this.#sentences.addResponse(request, stop);
    response.words(this.#words);
    return response;
  }

  #addWords(more: string): void {
    this.#words = (this.#words + more).trimStart();
    this.#response?.words(this.#words);
  }

  #done(): boolean {
    if (this.#response === undefined) return false;
    const { samples, all: pauses } = this.#pauses;
    this.#isOver = true;
    this.#words = this.#words.trimEnd();
    const anchors = sentenceAnchors(this.#words, { samples, pauses }, this.#language);
    this.#response.complete(this.#words, anchors);
    this.#listener.complete();
    return true;
  }

  #failed(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#response?.failed();
    this.#listener.failed(this.#response === undefined ? '' : this.#words);
  }
}
