import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { type ClientEvent, readClientEvent, type Refusal } from './client-events.ts';
import type { ConversationItems } from './conversation-items.ts';
import { ConversationSide, type VadBehaviour } from './conversation-side.ts';
import { SpokenResponse } from './spoken-response.ts';
import type { TranscribedItem } from './transcribed-item.ts';
import { TranscriptionSide } from './transcription-side.ts';

export interface RealtimeServerOptions {
  readonly apiKey?: string | undefined;
  /** Answers the handshake with this status instead. */
  readonly refuse?: number | undefined;
  /** Replaces the answer to `session.update`. */
  readonly configure?: ((send: Send, socket: WebSocket) => void) | undefined;
  /** Speaks a sentence. Default: a buzz of 40 ms per letter, with its words. */
  readonly respond?: ((response: SpokenResponse, index: number) => void) | undefined;
  /** Replies within a conversation. Default: a buzz of “Reply n.”, whose length it determines. */
  readonly reply?: ((response: SpokenResponse, items: ConversationItems, index: number) => void) | undefined;
  /** Sessions with a model transcribe nothing. */
  readonly transcribesNothing?: boolean | undefined;
  /** Transcribes an utterance. Default: nothing was said. */
  readonly transcribe?: ((item: TranscribedItem, index: number) => void) | undefined;
  /** A session takes no μ-law: it refuses it, or states its own format instead. */
  readonly pcmOnly?: 'refuses' | 'states' | undefined;
  readonly refusesLanguage?: boolean | undefined;
  /** Sees every message first; true: it was answered. */
  readonly intercept?: ((event: ClientEvent, send: Send, socket: WebSocket) => boolean) | undefined;
  /** How it detects turns, where it is asked to. */
  readonly vad?: VadBehaviour | undefined;
  /** What follows a cancel. Default: `response.done` with the status `cancelled`. */
  readonly cancelled?: ((response: SpokenResponse) => void) | undefined;
}

export type Send = (event: Readonly<Record<string, unknown>>) => void;

/** The connection of one client. */
interface Connection {
  readonly socket: WebSocket;
  readonly send: Send;
  readonly responses: Map<string, SpokenResponse>;
  /** Of a transcription session. */
  readonly transcription?: TranscriptionSide | undefined;
  readonly conversation: ConversationSide;
  voice: string;
  format: Readonly<Record<string, unknown>>;
}

const MS_PER_LETTER = 40;

/** Audio of a length that its text determines; no byte of it is silence. */
export function buzz(text: string): Uint8Array {
  return Uint8Array.from(
    { length: text.length * MS_PER_LETTER * 8 },
    (_, at) => 0x10 + ((at + text.length) % 64),
  );
}

/**
 * OpenAI's Realtime interface as far as a voice and a transcriber need it, over a real WebSocket. It refuses what the reference does not have: fields,
 * other keys, the header of the beta interface.
 */
export class RealtimeServer {
  /** Everything the clients sent, in order; `connection` is counted from 0. */
  readonly received: { readonly connection: number; readonly event: ClientEvent }[] = [];
  /** The target of each handshake, as `/v1/realtime?model=m`. */
  readonly handshakes: IncomingMessage[] = [];
  options: RealtimeServerOptions;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });
  #events = 0;
  #responses = 0;
  #items = 0;
  #replies = 0;
  #notify: (() => void) | undefined;

  private constructor(options: RealtimeServerOptions) {
    this.options = options;
    this.#server = createServer((request, response) => {
      const found = request.url?.startsWith('/v1/models') === true;
      response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(found ? { object: 'list', data: [{ id: 'm', object: 'model' }] } : {}));
    });
    this.#server.on('upgrade', (request, socket, head) => {
      const refusal = this.#refusal(request);
      if (refusal !== undefined) {
        const body = JSON.stringify({ error: { message: refusal.message, code: refusal.code } });
        socket.end(
          `HTTP/1.1 ${refusal.status} No\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        );
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (client) => this.#connected(client, request));
    });
  }

  static async start(options: RealtimeServerOptions = {}): Promise<RealtimeServer> {
    const server = new RealtimeServer(options);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  /** As `http://127.0.0.1:40123/v1`. */
  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  get connections(): number {
    return this.#sockets.clients.size;
  }

  of<Type extends ClientEvent['type']>(type: Type): Extract<ClientEvent, { type: Type }>[] {
    return this.received.flatMap(({ event }) =>
      event.type === type ? [event as Extract<ClientEvent, { type: Type }>] : [],
    );
  }

  /** Resolves when `condition` holds after a message or the end of a connection. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (this.#notify = resolve));
  }

  /** Sends an event to all clients. */
  broadcast(event: object): void {
    for (const socket of this.#sockets.clients) socket.send(JSON.stringify(event));
  }

  /** Tears all connections without a closing handshake. */
  tear(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  async close(): Promise<void> {
    this.tear();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #refusal({ headers }: IncomingMessage): { status: number; message: string; code: string } | undefined {
    const { apiKey, refuse } = this.options;
    if (refuse !== undefined) return { status: refuse, message: 'no session for you', code: 'refused' };
    if (apiKey !== undefined && headers.authorization !== `Bearer ${apiKey}`)
      return { status: 401, message: `Incorrect API key provided: ${apiKey}`, code: 'invalid_api_key' };
    return undefined;
  }

  #connected(socket: WebSocket, request: IncomingMessage): void {
    const number = this.handshakes.push(request) - 1;
    const send: Send = (event) => {
      this.#events += 1;
      socket.send(JSON.stringify({ event_id: `event_${this.#events}`, ...event }));
    };
    const format = { type: 'audio/pcm', rate: 24_000 };
    const parameters = new URL(request.url ?? '', 'http://none').searchParams;
    const [model, intent] = [parameters.get('model'), parameters.get('intent')];
    const transcription = intent === 'transcription' ? this.#transcriptionSide(send, socket) : undefined;
    const conversation = this.#conversationSide(send, socket, () => connection);
    const own = { voice: 'alloy', format, transcription, conversation };
    const connection: Connection = { socket, send, responses: new Map(), ...own };
    socket.on('error', () => undefined);
    socket.on('close', () => this.#changed());
    socket.on('message', (data: Buffer) => this.#message(connection, number, data.toString()));
    if (request.headers['openai-beta'] !== undefined)
      return refuse(send, { code: 'beta_api_shape_disabled', message: 'The Realtime Beta API has ended.' });
    if (transcription && model !== null)
      return refuse(send, { code: 'invalid_model', message: 'A transcription session takes no model here.' });
    if (transcription) return send({ type: 'session.created', session: transcription.session });
    if (model === null || !request.url!.startsWith('/v1/realtime?'))
      return refuse(send, { code: 'missing_model', message: 'You must provide a model parameter.' });
    return send({ type: 'session.created', session: sessionOf(connection) });
  }

  #message(connection: Connection, number: number, text: string): void {
    const event = readClientEvent(text);
    if ('code' in event) return refuse(connection.send, event);
    this.received.push({ connection: number, event });
    const { send, socket, transcription } = connection;
    if (this.options.intercept?.(event, send, socket) !== true) {
      const refusal = transcription ? transcription.take(event) : this.#speak(connection, event);
      if (refusal) refuse(send, { event_id: event.event_id ?? null, ...refusal });
    }
    return this.#changed();
  }

  #transcriptionSide(send: Send, socket: WebSocket): TranscriptionSide {
    const { configure } = this.options;
    return new TranscriptionSide({
      send,
      socket,
      transcribe: (item) => this.#transcribe(item),
      pcmOnly: this.options.pcmOnly,
      refusesLanguage: this.options.refusesLanguage,
      configure: configure && (() => configure(send, socket)),
      nextItem: () => (this.#items += 1),
    });
  }

  #conversationSide(send: Send, socket: WebSocket, connection: () => Connection): ConversationSide {
    return new ConversationSide({
      vad: this.options.vad,
      respond: () => this.#respond(connection(), { type: 'response.create', response: {} }),
      interrupt: () => {
        for (const response of connection().responses.values())
          if (!response.ended) response.done('cancelled', '', { type: 'cancelled', reason: 'turn_detected' });
      },
      send,
      socket,
      transcribe: (item) => this.#transcribe(item),
      transcribesNothing: this.options.transcribesNothing,
      nextItem: () => (this.#items += 1),
    });
  }

  #transcribe(item: TranscribedItem): void {
    const index = this.#items - 1;
    if (this.options.transcribe) this.options.transcribe(item, index);
    else item.transcribe('');
  }

  #speak(connection: Connection, event: ClientEvent): Omit<Refusal, 'event_id'> | undefined {
    if (event.type === 'session.update') return this.#configure(connection, event);
    const answered = connection.conversation.take(event);
    if (answered !== 'unknown') return answered;
    if (event.type === 'response.create') this.#respond(connection, event);
    else if (event.type === 'response.cancel') this.#cancel(connection, event);
    return undefined;
  }

  #configure(
    connection: Connection,
    { session }: Extract<ClientEvent, { type: 'session.update' }>,
  ): Omit<Refusal, 'event_id'> | undefined {
    if (session.type !== 'realtime')
      return {
        code: 'invalid_session_type',
        message: 'A transcription session update was sent to a realtime session.',
        param: null,
      };
    const refused = this.#refusedFormat(session) ?? connection.conversation.configure(session.audio?.input);
    if (refused) return refused;
    connection.voice = session.audio?.output?.voice ?? connection.voice;
    connection.format = session.audio?.output?.format ?? connection.format;
    if (this.options.configure) this.options.configure(connection.send, connection.socket);
    else connection.send({ type: 'session.updated', session: sessionOf(connection) });
    return undefined;
  }

  #refusedFormat({ audio }: Extract<ClientEvent, { type: 'session.update' }>['session']): Refused {
    if (audio === undefined || !('output' in audio)) return undefined;
    const formats = [audio.input?.format, audio.output?.format];
    const other = formats.find((format) => format !== undefined && format.type !== 'audio/pcm');
    if (this.options.pcmOnly !== 'refuses' || other === undefined) return undefined;
    return {
      code: 'invalid_value',
      message: `Invalid value: '${other.type}'. Supported values are: 'audio/pcm'.`,
      param: 'session.audio.output.format.type',
    };
  }

  #respond(connection: Connection, event: Extract<ClientEvent, { type: 'response.create' }>): void {
    const { instructions = '', metadata = null, conversation } = event.response ?? {};
    const isBusy = [...connection.responses.values()].some(({ ended }) => !ended);
    // Only responses outside of the conversation may overlap.
    if (conversation !== 'none' && isBusy)
      return refuse(connection.send, {
        code: 'conversation_already_has_active_response',
        message: 'Conversation already has an active response in progress.',
        event_id: event.event_id ?? null,
      });
    const id = `resp_${(this.#responses += 1)}`;
    const text = /\n<text>([\s\S]*)<\/text>$/u.exec(instructions)?.[1] ?? '';
    const { send, socket, voice } = connection;
    const response = new SpokenResponse({ id, text, metadata, voice, send, socket });
    connection.responses.set(id, response);
    if (conversation !== 'none') return this.#reply(connection, response);
    if (this.options.respond) this.options.respond(response, this.#responses - 1);
    else response.speak(buzz(text));
  }

  #reply({ conversation }: Connection, response: SpokenResponse): void {
    const { items } = conversation;
    const index = (this.#replies += 1) - 1;
    conversation.began(response);
    const text = `Reply ${this.#replies}.`;
    if (this.options.reply) this.options.reply(response, items, index);
    else response.converse(buzz(text), text);
  }

  #cancel(connection: Connection, event: Extract<ClientEvent, { type: 'response.cancel' }>): void {
    const response = connection.responses.get(event.response_id ?? '');
    if (response === undefined || response.ended)
      return refuse(connection.send, {
        code: 'response_cancel_not_active',
        message: 'Cancellation failed: no active response found',
        event_id: event.event_id ?? null,
      });
    if (this.options.cancelled) return this.options.cancelled(response);
    return response.done('cancelled', '', { type: 'cancelled', reason: 'client_cancelled' });
  }

  #changed(): void {
    const notify = this.#notify;
    this.#notify = undefined;
    notify?.();
  }
}

type Refused = Omit<Refusal, 'event_id'> | undefined;

function sessionOf({ voice, format, conversation }: Connection) {
  return {
    type: 'realtime',
    object: 'realtime.session',
    id: 'sess_1',
    model: 'm',
    output_modalities: ['audio'],
    instructions: '',
    audio: { input: conversation.input, output: { format, voice, speed: 1 } },
  };
}

function refuse(send: Send, { code, message, param = null, event_id = null }: RefusalFields): void {
  send({ type: 'error', error: { type: 'invalid_request_error', code, message, param, event_id } });
}

interface RefusalFields {
  readonly code: string;
  readonly message: string;
  readonly param?: string | null;
  readonly event_id?: string | null;
}
