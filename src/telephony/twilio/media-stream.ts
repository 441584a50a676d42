import type { RawData, WebSocket } from 'ws';
import type { Call } from '../../call/call.ts';
import type { Line } from '../../call/ports.ts';
import type { StreamEnd } from '../../events/call-events.ts';
import { SocketHeartbeat } from '../../http/sockets/socket-heartbeat.ts';
import { MediaLine } from './media-line.ts';
import { type FromTwilio, readMessageBytes } from './messages.ts';
import { type StreamAdmission, streamAdmission } from './stream-admission.ts';
import { StreamOddities } from './stream-oddities.ts';
import type { MediaStreamOptions, StreamSource, StreamTarget } from './stream-ports.ts';

/** A socket without a `start` message is closed after this time. */
export const START_WITHIN_MS = 5_000;
const HEARTBEAT = { pingEveryMs: 5_000, deadAfterMs: 15_000 } as const;
/** Messages held while the token and the owner of the call are determined: 20 s of audio. Further messages are dropped. */
const MAX_HELD = 1_000;
/** Close codes of RFC 6455, section 7.4.1. */
const POLICY_VIOLATION = 1008;
const NORMAL = 1000;

type StreamState =
  | { readonly kind: 'awaiting-start' }
  /** Token and owner of the call are being determined; `held` is replayed afterwards. */
  | { readonly kind: 'acquiring'; readonly held: (() => void)[] }
  | { readonly kind: 'active'; readonly call: Call; readonly line: Line }
  /** Refused, stopped or closed; with the call if there was one. */
  | { readonly kind: 'ended'; readonly call?: Call | undefined; readonly line?: Line | undefined };

/** One media stream: reads Twilio's messages and passes them to the call. */
export class MediaStream {
  readonly #socket: WebSocket;
  readonly #source: StreamSource;
  readonly #target: StreamTarget;
  readonly #now: () => number;
  readonly #oddities = new StreamOddities();
  readonly #openedAtMs: number;
  readonly #heartbeat: SocketHeartbeat;
  #state: StreamState = { kind: 'awaiting-start' };
  #lastFrameMs: number;

  constructor(socket: WebSocket, { source, target, now }: MediaStreamOptions) {
    this.#socket = socket;
    this.#source = source;
    this.#target = target;
    this.#now = now;
    this.#openedAtMs = now();
    this.#lastFrameMs = this.#openedAtMs;
    this.#heartbeat = new SocketHeartbeat(socket, now);
    socket.on('error', (error) => this.#oddity(`socket error: ${error.message}`));
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('close', () => this.#end('closed', now()));
  }

  /** Call it every quarter of a second. Returns false once the socket is closed. */
  tick(atMs: number): boolean {
    const socket = this.#socket;
    if (socket.readyState === socket.CLOSED) return false;
    if (this.#state.kind === 'awaiting-start' && atMs - this.#openedAtMs >= START_WITHIN_MS)
      this.#refuse('no start in time');
    if (this.#isReplaced) this.#leave();
    if (!this.#heartbeat.tick(atMs, HEARTBEAT)) {
      this.#end('dead', atMs);
      socket.terminate();
    }
    return true;
  }

  close(): void {
    this.#socket.close(NORMAL);
  }

  #receive(data: RawData, isBinary: boolean): void {
    const atMs = this.#now();
    this.#heartbeat.signOfLife(atMs);
    if (isBinary) {
      this.#oddity('a binary frame');
      return;
    }
    const message = readMessageBytes(data as Buffer);
    const state = this.#state;
    if (state.kind !== 'acquiring') this.#processSafely(message, atMs);
    else if (state.held.length < MAX_HELD) state.held.push(() => this.#processSafely(message, atMs));
    else this.#oddity('too many messages while the owner of the call is determined');
  }

  #processSafely(message: FromTwilio, atMs: number): void {
    try {
      this.#process(message, atMs);
    } catch (error) {
      this.#internalError(error);
    }
  }

  #process(message: FromTwilio, atMs: number): void {
    switch (message.kind) {
      case 'connected':
      case 'ignored':
        break;
      case 'unreadable':
        this.#oddity(message.reason);
        break;
      case 'bad-start':
        if (this.#state.kind === 'awaiting-start') this.#refuse(message.reason);
        else this.#oddity(message.reason);
        break;
      case 'start':
        this.#start(message, atMs);
        break;
      case 'media':
      case 'key':
      case 'mark':
        this.#passToCall(message, atMs);
        break;
      case 'stop':
        if (this.#state.kind === 'active') this.#end('stop', atMs);
        else this.#oddity('stop out of place');
        break;
    }
  }

  #passToCall(message: Extract<FromTwilio, { kind: 'media' | 'key' | 'mark' }>, atMs: number): void {
    const call = this.#liveCall;
    if (!call) {
      this.#oddity(
        `${message.kind} ${this.#callSid === undefined ? 'before start' : 'after the stream ended'}`,
      );
      return;
    }
    if (message.kind !== 'key') this.#lastFrameMs = atMs;
    if (message.kind === 'media') call.media(message.timestampMs, message.mulaw, atMs);
    else if (message.kind === 'key') call.key(message.digit, atMs);
    else if (!call.mark(message.name, atMs)) this.#oddity('a mark that was never sent');
  }

  #start(message: Extract<FromTwilio, { kind: 'start' }>, atMs: number): void {
    if (this.#state.kind !== 'awaiting-start') {
      this.#oddity('a second start');
      return;
    }
    const { callSid, streamSid } = message;
    const { token } = message.parameters;
    const admission = streamAdmission(this.#source, this.#target, callSid, token, atMs);
    if (admission instanceof Promise)
      void this.#beginAfter(admission, streamSid, atMs).catch((error: unknown) => this.#internalError(error));
    else this.#begin(admission, streamSid, atMs);
  }

  /** Holds the messages that arrive meanwhile and processes them afterwards with their times of arrival. */
  async #beginAfter(pending: Promise<StreamAdmission>, streamSid: string, atMs: number): Promise<void> {
    const held: (() => void)[] = [];
    this.#state = { kind: 'acquiring', held };
    const admission = await pending.catch((error: unknown) => {
      this.#internalError(error);
      return { refused: 'a start that could not be checked' };
    });
    this.#state = { kind: 'awaiting-start' };
    this.#begin(admission, streamSid, atMs);
    for (const process of held) process();
  }

  #begin(admission: StreamAdmission, streamSid: string, atMs: number): void {
    if ('refused' in admission) {
      this.#refuse(admission.refused);
      return;
    }
    const line = new MediaLine(this.#socket, streamSid, () => void this.#hangUp(admission.callSid));
    const call = this.#target.streamStarted(admission, streamSid, line, atMs);
    if (call) this.#state = { kind: 'active', call, line };
    else this.#refuse('a start for a call that is over or not accepted');
  }

  async #hangUp(callSid: string): Promise<void> {
    const ended = await this.#source.endCall(callSid).catch(() => false);
    if (!ended) this.#socket.close(NORMAL);
  }

  #refuse(reason: string): void {
    this.#oddity(reason);
    this.#state = { ...this.#state, kind: 'ended' };
    this.#socket.close(POLICY_VIOLATION, reason.slice(0, 100));
  }

  /** The call, as long as this stream is its line. */
  get #liveCall(): Call | undefined {
    const state = this.#state;
    return state.kind === 'active' && state.call.line === state.line ? state.call : undefined;
  }

  get #callSid(): string | undefined {
    return 'call' in this.#state ? this.#state.call?.identity.callSid : undefined;
  }

  /** Whether a newer socket has the call, or the call ended before its stream. */
  get #isReplaced(): boolean {
    const state = this.#state;
    if (!('call' in state) || !state.call || state.call.line === state.line) return false;
    return state.call.connected || state.kind === 'active';
  }

  /** Closing the socket makes Twilio request the next action, and hang up if the call is over. */
  #leave(): void {
    const connected = 'call' in this.#state && this.#state.call?.connected;
    this.#state = { ...this.#state, kind: 'ended' };
    this.#socket.close(NORMAL, connected ? 'another stream has the call' : 'the call is over');
  }

  #end(reason: StreamEnd, atMs: number): void {
    const state = this.#state;
    if (state.kind === 'acquiring') {
      state.held.push(() => this.#end(reason, atMs));
      return;
    }
    if (state.kind === 'ended') return;
    const callSid = this.#callSid;
    this.#state = { ...state, kind: 'ended' };
    for (const repeated of this.#oddities.repeated) this.#target.oddity(repeated, callSid);
    if (state.kind !== 'active' || callSid === undefined) return;
    // A dead stream ended with its last frame, not when that was noticed.
    const lastSignMs = reason === 'dead' ? this.#lastFrameMs : atMs;
    try {
      this.#target.streamEnded(callSid, state.line, reason, atMs, lastSignMs);
    } catch (error) {
      this.#internalError(error);
    }
  }

  /** A programming error: it is reported and affects no other call. */
  #internalError(error: unknown): void {
    this.#oddity(
      `internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  }

  #oddity(what: string): void {
    if (!this.#oddities.count(what)) return;
    this.#target.oddity(what, this.#callSid);
    const state = this.#state;
    if ('call' in state && state.call && state.call.line === state.line) state.call.oddity(what, this.#now());
  }
}
