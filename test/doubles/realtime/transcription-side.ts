import type { WebSocket } from 'ws';
import type { ClientEvent, Refusal } from './client-events.ts';
import { TranscribedItem } from './transcribed-item.ts';

/** 100 ms of μ-law, and of PCM: the shortest audio that is committed. */
const LEAST_BYTES = 800;
const PCM_BYTES = 4_800;
const PCM = { type: 'audio/pcm', rate: 24_000 } as const;

export interface TranscriptionSideOptions {
  readonly send: (event: Readonly<Record<string, unknown>>) => void;
  readonly socket: WebSocket;
  /** Sends the text of a committed utterance. */
  readonly transcribe: (item: TranscribedItem) => void;
  readonly pcmOnly?: 'refuses' | 'states' | undefined;
  /** Sessions that name a language are refused. */
  readonly refusesLanguage?: boolean | undefined;
  /** Replaces the answer to `session.update`. */
  readonly configure?: (() => void) | undefined;
  /** The number of the next item on this server. */
  readonly nextItem: () => number;
}

type SessionUpdate = Extract<ClientEvent, { type: 'session.update' }>['session'];

/** The server's side of a transcription session: its configuration and its buffer. */
export class TranscriptionSide {
  readonly #options: TranscriptionSideOptions;
  #input: Readonly<Record<string, unknown>> = {
    format: PCM,
    transcription: null,
    noise_reduction: null,
    turn_detection: { type: 'server_vad', threshold: 0.5, prefix_padding_ms: 300, silence_duration_ms: 200 },
  };
  #leastBytes = PCM_BYTES;
  #buffer: Uint8Array[] = [];
  #isConfigured = false;
  #lastItem: string | null = null;

  constructor(options: TranscriptionSideOptions) {
    this.#options = options;
  }

  get session() {
    return {
      type: 'transcription',
      object: 'realtime.transcription_session',
      id: 'sess_1',
      expires_at: 2_000_000_000,
      audio: { input: this.#input },
      include: null,
    };
  }

  /** Answers a message; the refusal of what a transcription session does not accept. */
  take(event: ClientEvent): Omit<Refusal, 'event_id'> | undefined {
    switch (event.type) {
      case 'session.update':
        return this.#configure(event.session);
      case 'input_audio_buffer.append':
        return this.#append(event.audio);
      case 'input_audio_buffer.commit':
        return this.#commit();
      case 'input_audio_buffer.clear':
        this.#buffer = [];
        this.#options.send({ type: 'input_audio_buffer.cleared' });
        return undefined;
      default:
        return refusal('unsupported_event', `'${event.type}' is not supported in transcription sessions.`);
    }
  }

  #configure(session: SessionUpdate): Omit<Refusal, 'event_id'> | undefined {
    if (session.type !== 'transcription')
      return refusal(
        'invalid_session_type',
        'A realtime session update was sent to a transcription session.',
      );
    const { pcmOnly } = this.#options;
    const { format = PCM, ...input } = session.audio.input;
    if (pcmOnly === 'refuses' && format.type !== PCM.type)
      return {
        code: 'invalid_value',
        message: `Invalid value: '${format.type}'. Supported values are: 'audio/pcm'.`,
        param: 'session.audio.input.format.type',
      };
    const { language } = input.transcription;
    if (this.#options.refusesLanguage && language !== undefined)
      return {
        code: 'invalid_value',
        message: `Invalid value: '${language}'. This model does not take a language.`,
        param: 'session.audio.input.transcription.language',
      };
    const stated = pcmOnly === 'states' ? PCM : format;
    this.#input = { ...this.#input, ...input, format: stated };
    this.#leastBytes = stated.type === PCM.type ? PCM_BYTES : LEAST_BYTES;
    this.#isConfigured = true;
    if (this.#options.configure) this.#options.configure();
    else this.#options.send({ type: 'session.updated', session: this.session });
    return undefined;
  }

  #append(audio: string): Omit<Refusal, 'event_id'> | undefined {
    if (!this.#isConfigured) return refusal('no_format', 'Audio came before its format.');
    this.#buffer.push(Buffer.from(audio, 'base64'));
    return undefined;
  }

  #commit(): Omit<Refusal, 'event_id'> | undefined {
    const audio = Buffer.concat(this.#buffer);
    this.#buffer = [];
    if (audio.length < this.#leastBytes)
      return refusal(
        'input_audio_buffer_commit_empty',
        `Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but buffer only has ${(audio.length / 8).toFixed(2)}ms of audio.`,
      );
    const id = `item_${this.#options.nextItem()}`;
    const { send, socket, transcribe } = this.#options;
    const item = new TranscribedItem({ id, previous: this.#lastItem, audio, send, socket });
    this.#lastItem = id;
    transcribe(item);
    return undefined;
  }
}

function refusal(code: string, message: string): Omit<Refusal, 'event_id'> {
  return { code, message, param: null };
}
