import type { WebSocket } from 'ws';

/** Audio of one event; OpenAI's are of a few hundred milliseconds. */
const DELTA_BYTES = 1_600;

export interface ResponseOptions {
  readonly id: string;
  /** The text between the tags of the instructions. */
  readonly text: string;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly voice: string;
  readonly send: (event: Readonly<Record<string, unknown>>) => void;
  readonly socket: WebSocket;
}

/** Learns what a response has sent. */
export interface ResponseFollower {
  audio(mulaw: Uint8Array): void;
  words(words: string): void;
  done(status: string): void;
}

/** One response in progress: sends its events, in the order and with the fields of the reference. */
export class SpokenResponse {
  readonly id: string;
  readonly text: string;
  readonly socket: WebSocket;
  readonly #options: ResponseOptions;
  /** The id of its item. */
  readonly item: string;
  #ended = false;
  #follower: ResponseFollower | undefined;

  constructor(options: ResponseOptions) {
    this.#options = options;
    this.id = options.id;
    this.text = options.text;
    this.socket = options.socket;
    this.item = options.id.replace('resp', 'msg');
  }

  follow(follower: ResponseFollower): void {
    this.#follower = follower;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Sends any event of this connection. */
  send(event: Readonly<Record<string, unknown>>): void {
    this.#options.send(event);
  }

  /** `metadata`: null as from servers that do not return it. */
  created(metadata: ResponseOptions['metadata'] = this.#options.metadata): void {
    this.send({ type: 'response.created', response: this.#resource('in_progress', [], { metadata }) });
    const part = { type: 'audio', transcript: '' };
    this.send({
      type: 'response.output_item.added',
      ...this.#output,
      item: this.#message('in_progress', []),
    });
    this.send({ type: 'response.content_part.added', ...this.#content, part });
  }

  audio(mulaw: Uint8Array): void {
    for (let at = 0; at < mulaw.length; at += DELTA_BYTES)
      this.delta(Buffer.from(mulaw.subarray(at, at + DELTA_BYTES)).toString('base64'));
  }

  delta(delta: string): void {
    this.#follower?.audio(Buffer.from(delta, 'base64'));
    this.send({ type: 'response.output_audio.delta', ...this.#content, delta });
  }

  /** The next words, as the audio of them is sent. */
  moreWords(delta: string): void {
    this.#follower?.words(delta);
    this.send({ type: 'response.output_audio_transcript.delta', ...this.#content, delta });
  }

  /** The whole response with its words between its audio, as speech-to-speech models send it. */
  converse(mulaw: Uint8Array, transcript: string): void {
    this.created();
    const words = transcript.match(/\S+\s*/gu) ?? [];
    const share = Math.ceil(mulaw.length / Math.max(1, words.length));
    for (const [index, word] of words.entries()) {
      this.moreWords(word);
      this.audio(mulaw.subarray(index * share, (index + 1) * share));
    }
    this.end(transcript);
    this.done('completed', transcript);
  }

  words(transcript: string): void {
    this.send({ type: 'response.output_audio_transcript.delta', ...this.#content, delta: transcript });
    this.end(transcript);
  }

  /** All audio and words of its part were sent. */
  end(transcript: string): void {
    this.send({ type: 'response.output_audio.done', ...this.#content });
    this.send({ type: 'response.output_audio_transcript.done', ...this.#content, transcript });
  }

  /** `details`: of the status. */
  done(status: string, transcript = '', details: Readonly<Record<string, unknown>> | null = null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#follower?.done(status);
    const part = { type: 'output_audio', transcript };
    const item = this.#message(status === 'completed' ? 'completed' : 'incomplete', [part]);
    this.send({ type: 'response.content_part.done', ...this.#content, part: { type: 'audio', transcript } });
    this.send({ type: 'response.output_item.done', ...this.#output, item });
    this.send({
      type: 'response.done',
      response: this.#resource(status, [item], { status_details: details }),
    });
    this.send({ type: 'rate_limits.updated', rate_limits: [] });
  }

  /** The whole response. */
  speak(mulaw: Uint8Array, transcript = this.text): void {
    this.created();
    this.audio(mulaw);
    this.words(transcript);
    this.done('completed', transcript);
  }

  get #output() {
    return { response_id: this.id, output_index: 0 };
  }

  get #content() {
    return { ...this.#output, item_id: this.item, content_index: 0 };
  }

  #message(status: string, content: readonly unknown[]) {
    return { id: this.item, object: 'realtime.item', type: 'message', status, role: 'assistant', content };
  }

  #resource(status: string, output: readonly unknown[], more: Readonly<Record<string, unknown>>) {
    return {
      object: 'realtime.response',
      id: this.id,
      status,
      status_details: null,
      output,
      conversation_id: null,
      output_modalities: ['audio'],
      max_output_tokens: 'inf',
      audio: { output: { format: { type: 'audio/pcmu' }, voice: this.#options.voice } },
      usage: null,
      metadata: this.#options.metadata,
      ...more,
    };
  }
}
