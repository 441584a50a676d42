import type { WebSocket } from 'ws';
import type { ClientEvent, Refusal } from './client-events.ts';
import { ConversationItems } from './conversation-items.ts';
import { SpokenResponse } from './spoken-response.ts';
import { TranscribedItem } from './transcribed-item.ts';

/** 100 ms of μ-law, and of PCM: the shortest audio that is committed. */
const LEAST_BYTES = { 'audio/pcmu': 800, 'audio/pcma': 800, 'audio/pcm': 4_800 } as const;
const PCM = { type: 'audio/pcm', rate: 24_000 } as const;

type Send = (event: Readonly<Record<string, unknown>>) => void;
type Refused = Omit<Refusal, 'event_id'> | undefined;
type Of<Type extends ClientEvent['type']> = Extract<ClientEvent, { type: Type }>;
type Input = NonNullable<
  NonNullable<Extract<Of<'session.update'>['session'], { type: 'realtime' }>['audio']>['input']
>;

export interface ConversationSideOptions {
  readonly send: Send;
  readonly socket: WebSocket;
  /** Sends the text of a committed utterance. */
  readonly transcribe: (item: TranscribedItem) => void;
  /** Transcription is not supported in this session. */
  readonly transcribesNothing?: boolean | undefined;
  readonly nextItem: () => number;
}

/** The server's side of a conversation: its items, and what the caller says. */
export class ConversationSide {
  readonly items: ConversationItems;
  readonly #options: ConversationSideOptions;
  #input: Input = { format: PCM, transcription: null, turn_detection: { type: 'server_vad' } };
  #buffer: Uint8Array[] = [];

  constructor(options: ConversationSideOptions) {
    this.#options = options;
    this.items = new ConversationItems(options.send);
  }

  /** As the session states it. */
  get input(): Input {
    return this.#input;
  }

  configure(input: Input | undefined): Refused {
    if (input?.transcription && this.#options.transcribesNothing)
      return refusal('invalid_value', 'Input audio transcription is not supported by this model.');
    this.#input = { ...this.#input, ...input };
    return undefined;
  }

  /** Answers a message; `unknown`: it is none of a conversation. */
  take(event: ClientEvent): Refused | 'unknown' {
    switch (event.type) {
      case 'input_audio_buffer.append':
        this.#buffer.push(Buffer.from(event.audio, 'base64'));
        return undefined;
      case 'input_audio_buffer.clear':
        this.#buffer = [];
        this.#options.send({ type: 'input_audio_buffer.cleared' });
        return undefined;
      case 'input_audio_buffer.commit':
        return this.#commit();
      case 'conversation.item.create':
        return this.items.create(event);
      case 'conversation.item.delete':
        return this.items.delete(event);
      case 'conversation.item.truncate':
        return this.items.truncate(event);
      default:
        return 'unknown';
    }
  }

  /** A response within the conversation: its item is the next one. */
  began(response: SpokenResponse): void {
    const { items } = this;
    const item = {
      id: response.item,
      role: 'assistant',
      text: '',
      audio: new Uint8Array(0),
      status: 'in_progress',
    } as const;
    const own: (typeof items.all)[number] = { ...item };
    items.add(own);
    response.follow({
      audio: (mulaw) => (own.audio = Buffer.concat([own.audio ?? [], mulaw] as Uint8Array[])),
      words: (words) => (own.text = (own.text ?? '') + words),
      done: (status) => (own.status = status === 'completed' ? 'completed' : 'incomplete'),
    });
  }

  #commit(): Refused {
    const audio = Buffer.concat(this.#buffer);
    this.#buffer = [];
    const { type } = this.#input.format ?? PCM;
    if (audio.length < LEAST_BYTES[type])
      return refusal(
        'input_audio_buffer_commit_empty',
        'Error committing input audio buffer: buffer too small. Expected at least 100ms of audio.',
      );
    const id = `item_${this.#options.nextItem()}`;
    const { send, socket, transcribe } = this.#options;
    const item = new TranscribedItem({ id, previous: this.items.last, audio, send, socket });
    this.items.add({ id, role: 'user', text: undefined, audio, status: 'completed' });
    if (this.#input.transcription) transcribe(item);
    else item.committed();
    return undefined;
  }
}

function refusal(code: string, message: string): Refused {
  return { code, message, param: null };
}
