import type { WebSocket } from 'ws';

export interface ItemOptions {
  readonly id: string;
  /** The item before it. */
  readonly previous: string | null;
  /** What was committed, in the format of the session. */
  readonly audio: Uint8Array;
  readonly send: (event: Readonly<Record<string, unknown>>) => void;
  readonly socket: WebSocket;
}

/** One committed utterance: sends its events, in the order and with the fields of the reference. */
export class TranscribedItem {
  readonly id: string;
  readonly audio: Uint8Array;
  readonly socket: WebSocket;
  readonly #options: ItemOptions;

  constructor(options: ItemOptions) {
    this.#options = options;
    this.id = options.id;
    this.audio = options.audio;
    this.socket = options.socket;
  }

  /** Sends any event of this connection. */
  send(event: Readonly<Record<string, unknown>>): void {
    this.#options.send(event);
  }

  committed(): void {
    const { id, previous } = this.#options;
    const content = [{ type: 'input_audio', transcript: null }];
    const item = { id, object: 'realtime.item', type: 'message', status: 'completed', role: 'user', content };
    this.send({ type: 'input_audio_buffer.committed', previous_item_id: previous, item_id: id });
    this.send({ type: 'conversation.item.added', previous_item_id: previous, item });
    this.send({ type: 'conversation.item.done', previous_item_id: previous, item });
  }

  delta(delta: string): void {
    this.#text('delta', { delta });
  }

  completed(transcript: unknown): void {
    this.#text('completed', { transcript, usage: { type: 'duration', seconds: 1 } });
  }

  failed(message: string, code = 'audio_unintelligible'): void {
    this.#text('failed', { error: { type: 'transcription_error', code, message, param: null } });
  }

  /** The whole answer. */
  transcribe(text: string): void {
    this.committed();
    for (const word of text.split(/(?= )/u)) this.delta(word);
    this.completed(text);
  }

  #text(kind: string, content: Readonly<Record<string, unknown>>): void {
    const type = `conversation.item.input_audio_transcription.${kind}`;
    this.send({ type, item_id: this.id, content_index: 0, ...content });
  }
}
