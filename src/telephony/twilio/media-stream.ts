import type { RawData, WebSocket } from 'ws';
import type { CallIdentity } from '../../call/call-options.ts';
import type { Call } from '../../call/call.ts';
import type { Line } from '../../call/ports.ts';
import type { StreamEnd } from '../../events/call-events.ts';
import { SocketHeartbeat } from '../../http/sockets/socket-heartbeat.ts';
import { MediaLine } from './media-line.ts';
import { type FromTwilio, readMessageBytes } from './messages.ts';
import type { MediaStreamOptions, StreamSource, StreamTarget } from './stream-ports.ts';

/** A socket without a `start` message is closed after this time. */
export const START_WITHIN_MS = 5_000;
const HEARTBEAT = { pingEveryMs: 5_000, deadAfterMs: 15_000 } as const;
/** Messages held while the owner of the call is determined: 20 s of audio. Further messages are dropped. */
const MAX_HELD = 1_000;
/** Different oddities that are counted per stream, so that a peer cannot exhaust memory. */
const MAX_ODDITIES = 50;
/** Close codes of RFC 6455, section 7.4.1. */
const POLICY_VIOLATION = 1008;
const NORMAL = 1000;

type StreamState =
  | { readonly kind: 'awaiting-start' }
  /** The owner of the call is being determined; `held` is replayed afterwards. */
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
  readonly #oddities = new Map<string, number>();
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
    const identity = this.#source.authenticate(callSid, message.parameters['token'], atMs);
    if (!identity) {
      this.#refuse('a start without a valid token');
      return;
    }
    const acquiring = this.#target.acquire(callSid);
    if (acquiring)
      void this.#beginAfter(acquiring, identity, streamSid, atMs).catch((error: unknown) =>
        this.#internalError(error),
      );
    else this.#begin(identity, streamSid, atMs);
  }

  /** Holds the messages that arrive meanwhile and processes them afterwards with their times of arrival. */
  async #beginAfter(
    acquiring: Promise<boolean>,
    identity: CallIdentity,
    streamSid: string,
    atMs: number,
  ): Promise<void> {
    const held: (() => void)[] = [];
    this.#state = { kind: 'acquiring', held };
    const free = await acquiring.catch(() => false);
    this.#state = { kind: 'awaiting-start' };
    if (free) this.#begin(identity, streamSid, atMs);
    else this.#refuse('a start for a call that another process holds');
    for (const process of held) process();
  }

  #begin(identity: CallIdentity, streamSid: string, atMs: number): void {
    const { callSid } = identity;
    const line = new MediaLine(this.#socket, streamSid, () => void this.#hangUp(callSid));
    const call = this.#target.streamStarted(identity, streamSid, line, atMs);
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
    for (const [what, count] of this.#oddities)
      if (count > 1) this.#target.oddity(`${what} (${count} times)`, callSid);
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
    const count = (this.#oddities.get(what) ?? 0) + 1;
    if (count > 1 || this.#oddities.size < MAX_ODDITIES) this.#oddities.set(what, count);
    if (count > 1) return;
    this.#target.oddity(what, this.#callSid);
    const state = this.#state;
    if ('call' in state && state.call && state.call.line === state.line) state.call.oddity(what, this.#now());
  }
}
