import type { WebSocket } from 'ws';
import type { ClientEvent, Refusal } from './client-events.ts';
import { ConversationItems } from './conversation-items.ts';
import { ServerVad, type VadEvent } from './server-vad.ts';
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
  /** A turn has ended, and a response to it is due. */
  readonly respond: () => void;
  /** The caller speaks, and responses in progress are to end. */
  readonly interrupt: () => void;
  readonly vad?: VadBehaviour | undefined;
}

/** How a server detects turns. */
export interface VadBehaviour {
  /** The silence after which a model that judges by the words ends a turn. Default: 400. */
  readonly semanticSilenceMs?: number;
  /** The detection that it refuses. */
  readonly refuses?: readonly ('server_vad' | 'semantic_vad')[];
  /** It accepts everything, and detects nothing. */
  readonly statesNull?: boolean;
  /** It responds by itself, whatever it was told. */
  readonly responds?: boolean;
  /** A manual commit makes an item with another id than the one that was announced. */
  readonly commitsAnew?: boolean;
  /** Which events of speech it sends. Default: all. */
  readonly sends?: (type: string) => boolean;
}

/** The server's side of a conversation: its items, and what the caller says. */
export class ConversationSide {
  readonly items: ConversationItems;
  readonly #options: ConversationSideOptions;
  #input: Input = { format: PCM, transcription: null, turn_detection: { type: 'server_vad' } };
  #buffer: Uint8Array[] = [];
  #vad: ServerVad | undefined;
  /** The item that was announced at the start of speech. */
  #announced: string | undefined;

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
    const { vad } = this.#options;
    const detection = input?.turn_detection ?? null;
    if (detection !== null && vad?.refuses?.includes(detection.type) === true)
      return refusal('invalid_value', `Invalid value: '${detection.type}'. Supported values are: 'none'.`);
    this.#input = { ...this.#input, ...input };
    if (vad?.statesNull) this.#input = { ...this.#input, turn_detection: null };
    const { turn_detection: used, format = PCM } = this.#input;
    const type = format.type === 'audio/pcm' ? format.type : 'audio/pcmu';
    this.#vad = used ? new ServerVad(used, type, vad?.semanticSilenceMs ?? 400) : undefined;
    return undefined;
  }

  /** Answers a message; `unknown`: it is none of a conversation. */
  take(event: ClientEvent): Refused | 'unknown' {
    switch (event.type) {
      case 'input_audio_buffer.append':
        this.#append(Buffer.from(event.audio, 'base64'));
        return undefined;
      case 'input_audio_buffer.clear':
        this.#buffer = [];
        this.#vad?.take();
        this.#announced = undefined;
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

  #append(audio: Uint8Array): void {
    if (!this.#vad) return void this.#buffer.push(audio);
    for (const event of this.#vad.write(audio)) this.#heard(event);
  }

  #heard(event: VadEvent): void {
    const { vad, respond, interrupt, nextItem } = this.#options;
    const detection = this.#input.turn_detection;
    if (event.kind === 'started') {
      this.#announced = `item_${nextItem()}`;
      this.#sendSpeech('speech_started', { audio_start_ms: event.startMs, item_id: this.#announced });
      if (detection?.interrupt_response !== false) interrupt();
      return;
    }
    const id = this.#announced ?? `item_${nextItem()}`;
    this.#announced = undefined;
    this.#sendSpeech('speech_stopped', { audio_end_ms: event.endMs, item_id: id });
    this.#makeItem(id, event.audio);
    if (detection?.create_response !== false || vad?.responds) respond();
  }

  #sendSpeech(type: string, content: Readonly<Record<string, unknown>>): void {
    if (this.#options.vad?.sends?.(type) === false) return;
    this.#options.send({ type: `input_audio_buffer.${type}`, ...content });
  }

  #commit(): Refused {
    const audio = this.#vad?.take() ?? Buffer.concat(this.#buffer);
    const announced = this.#options.vad?.commitsAnew ? undefined : this.#announced;
    this.#announced = undefined;
    this.#buffer = [];
    const { type } = this.#input.format ?? PCM;
    if (audio.length < LEAST_BYTES[type])
      return refusal(
        'input_audio_buffer_commit_empty',
        'Error committing input audio buffer: buffer too small. Expected at least 100ms of audio.',
      );
    this.#makeItem(announced ?? `item_${this.#options.nextItem()}`, audio);
    return undefined;
  }

  #makeItem(id: string, audio: Uint8Array): void {
    const { send, socket, transcribe } = this.#options;
    const item = new TranscribedItem({ id, previous: this.items.last, audio, send, socket });
    this.items.add({ id, role: 'user', text: undefined, audio, status: 'completed' });
    if (this.#input.transcription) transcribe(item);
    else item.committed();
  }
}

function refusal(code: string, message: string): Refused {
  return { code, message, param: null };
}
