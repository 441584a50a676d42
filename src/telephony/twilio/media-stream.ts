import type { RawData, WebSocket } from 'ws';
import type { CallIdentity } from '../../call/call-options.ts';
import type { Call } from '../../call/call.ts';
import type { Line } from '../../call/ports.ts';
import type { StreamEnd } from '../../events/call-events.ts';
import { MediaLine } from './media-line.ts';
import { type FromTwilio, readMessage } from './messages.ts';

/** A socket that has not said `start` by then is closed. */
export const START_WITHIN_MS = 5_000;
const PING_EVERY_MS = 5_000;
/** A socket that answers no ping for this long is dead. */
const DEAD_AFTER_MS = 15_000;
/** Messages held while it is found out whose the call is: 20 s of the caller. More than these are not kept. */
const MOST_HELD = 1_000;
/** Close codes of RFC 6455, section 7.4.1. */
const POLICY_VIOLATION = 1008;
const NORMAL = 1000;

/** What a stream needs of the rest: the calls, whether a stream is proved, and how a call is ended. */
export interface MediaStreamOptions {
  readonly now: () => number;
  /**
   * Whose a call is, where another process left something of it; false: a living one's. Undefined where there is nothing
   * to find out, which is nearly always.
   */
  settle(callSid: string): Promise<boolean> | undefined;
  streamStarted(identity: CallIdentity, streamSid: string, line: Line, atMs: number): Call | undefined;
  streamEnded(callSid: string, line: Line, reason: StreamEnd, atMs: number, lastSignMs: number): void;
  /** Whether this `start` may have the call: who it is from and to, or undefined. */
  prove(callSid: string, token: string | undefined, atMs: number): CallIdentity | undefined;
  /** Ends the call at Twilio; false where that cannot be done, so that closing the socket has to do. */
  endCall(callSid: string): Promise<boolean>;
  /** Told once a kind and stream, with how often it has happened by the stream's end. */
  odd(what: string, callSid: string | undefined): void;
}

/** One media stream: reads what Twilio says and tells the call. Every listener is there before anything is awaited. */
export class MediaStream {
  readonly #socket: WebSocket;
  readonly #parts: MediaStreamOptions;
  readonly #oddities = new Map<string, number>();
  readonly #openedAtMs: number;
  #call: Call | undefined;
  #line: Line | undefined;
  /** What came while it is found out whose the call is, to be done afterwards. */
  #held: (() => void)[] | undefined;
  #stopped = false;
  #lastSignMs: number;
  #lastFrameMs: number;
  #pingedAtMs: number;

  constructor(socket: WebSocket, parts: MediaStreamOptions) {
    this.#socket = socket;
    this.#parts = parts;
    this.#openedAtMs = parts.now();
    this.#lastSignMs = this.#openedAtMs;
    this.#lastFrameMs = this.#openedAtMs;
    this.#pingedAtMs = this.#openedAtMs;
    socket.on('error', (error) => this.#odd(`socket error: ${error.message}`));
    socket.on('message', (data, isBinary) => this.#hear(data, isBinary));
    socket.on('pong', () => (this.#lastSignMs = parts.now()));
    socket.on('close', () => this.#over('closed', parts.now()));
  }

  /** To be called every quarter of a second; false once the socket is gone. */
  tick(atMs: number): boolean {
    const socket = this.#socket;
    if (socket.readyState === socket.CLOSED) return false;
    if (!this.#call && !this.#stopped && !this.#held && atMs - this.#openedAtMs >= START_WITHIN_MS)
      this.#refuse('no start in time');
    if (this.#isLeft) this.#leave();
    if (atMs - this.#lastSignMs >= DEAD_AFTER_MS) {
      this.#over('dead', atMs);
      socket.terminate();
    } else if (atMs - this.#pingedAtMs >= PING_EVERY_MS && socket.readyState === socket.OPEN) {
      this.#pingedAtMs = atMs;
      socket.ping();
    }
    return true;
  }

  close(): void {
    this.#socket.close(NORMAL);
  }

  #hear(data: RawData, isBinary: boolean): void {
    const atMs = this.#parts.now();
    this.#lastSignMs = atMs;
    if (isBinary) {
      this.#odd('a binary frame');
      return;
    }
    const message = readMessage((data as Buffer).toString('utf8'));
    if (!this.#held) this.#takeSafely(message, atMs);
    else if (this.#held.length < MOST_HELD) this.#held.push(() => this.#takeSafely(message, atMs));
    else this.#odd('more than can be held while the call is looked for');
  }

  #takeSafely(message: FromTwilio, atMs: number): void {
    try {
      this.#take(message, atMs);
    } catch (error) {
      this.#mistake(error);
    }
  }

  #take(message: FromTwilio, atMs: number): void {
    switch (message.kind) {
      case 'connected':
      case 'ignored':
        break;
      case 'unreadable':
        this.#odd(message.reason);
        break;
      case 'bad-start':
        if (this.#call || this.#stopped) this.#odd(message.reason);
        else this.#refuse(message.reason);
        break;
      case 'start':
        this.#start(message, atMs);
        break;
      case 'media':
      case 'key':
      case 'mark':
        this.#takeForCall(message, atMs);
        break;
      case 'stop':
        if (!this.#call || this.#stopped) this.#odd('stop out of place');
        else this.#over('stop', atMs);
        break;
    }
  }

  #takeForCall(message: Extract<FromTwilio, { kind: 'media' | 'key' | 'mark' }>, atMs: number): void {
    const call = this.#call;
    if (!call || this.#stopped || call.line !== this.#line) {
      this.#odd(`${message.kind} ${call ? 'after the stream ended' : 'before start'}`);
      return;
    }
    if (message.kind === 'media') {
      this.#lastFrameMs = atMs;
      call.media(message.timestampMs, message.mulaw, atMs);
    } else if (message.kind === 'mark') {
      this.#lastFrameMs = atMs;
      if (!call.mark(message.name, atMs)) this.#odd('a mark that was never sent');
    } else call.key(message.digit, atMs);
  }

  #start(message: Extract<FromTwilio, { kind: 'start' }>, atMs: number): void {
    if (this.#call || this.#stopped) {
      this.#odd('a second start');
      return;
    }
    const { callSid, streamSid } = message;
    const identity = this.#parts.prove(callSid, message.parameters['token'], atMs);
    if (!identity) {
      this.#refuse('a start that proves nothing');
      return;
    }
    const settling = this.#parts.settle(callSid);
    if (settling) void this.#beginLater(identity, streamSid, settling, atMs);
    else this.#begin(identity, streamSid, atMs);
  }

  /** What comes meanwhile is taken afterwards, with the times at which it came. */
  async #beginLater(
    identity: CallIdentity,
    streamSid: string,
    settling: Promise<boolean>,
    atMs: number,
  ): Promise<void> {
    this.#held = [];
    const free = await settling.catch(() => false);
    const held = this.#held;
    this.#held = undefined;
    if (free) this.#begin(identity, streamSid, atMs);
    else this.#refuse('a start for a call that another process holds');
    for (const take of held) take();
  }

  #begin(identity: CallIdentity, streamSid: string, atMs: number): void {
    const { callSid } = identity;
    this.#line = new MediaLine(this.#socket, streamSid, () => void this.#hangUp(callSid));
    this.#call = this.#parts.streamStarted(identity, streamSid, this.#line, atMs);
    if (!this.#call) this.#refuse('a start for a call that is over or not wanted');
  }

  async #hangUp(callSid: string): Promise<void> {
    const ended = await this.#parts.endCall(callSid).catch(() => false);
    if (!ended) this.#socket.close(NORMAL);
  }

  #refuse(why: string): void {
    this.#odd(why);
    this.#stopped = true;
    this.#socket.close(POLICY_VIOLATION, why.slice(0, 100));
  }

  /** Whether a newer socket has the call, or the call is over before its stream. */
  get #isLeft(): boolean {
    const call = this.#call;
    return call !== undefined && call.line !== this.#line && (call.connected || !this.#stopped);
  }

  /** Twilio is told by the socket's end: it asks what comes next, and hangs up where the call is over. */
  #leave(): void {
    this.#stopped = true;
    this.#socket.close(NORMAL, this.#call?.connected ? 'another stream has the call' : 'the call is over');
  }

  #over(reason: StreamEnd, atMs: number): void {
    if (this.#held) {
      this.#held.push(() => this.#over(reason, atMs));
      return;
    }
    if (this.#stopped) return;
    this.#stopped = true;
    const call = this.#call;
    for (const [what, count] of this.#oddities)
      if (count > 1) this.#parts.odd(`${what} (${count} times)`, call?.identity.callSid);
    if (!call || !this.#line) return;
    // The stream's own time ended with the last sign of it, not when we noticed.
    const lastSignMs = reason === 'dead' ? this.#lastFrameMs : atMs;
    try {
      this.#parts.streamEnded(call.identity.callSid, this.#line, reason, atMs, lastSignMs);
    } catch (error) {
      this.#mistake(error);
    }
  }

  /** Our own mistake: it may end this call, never another one. */
  #mistake(error: unknown): void {
    this.#odd(`internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }

  #odd(what: string): void {
    const count = (this.#oddities.get(what) ?? 0) + 1;
    // Bounded: whoever sends nonsense does not choose how much we remember.
    if (count > 1 || this.#oddities.size < 50) this.#oddities.set(what, count);
    if (count > 1) return;
    this.#parts.odd(what, this.#call?.identity.callSid);
    if (this.#call && this.#call.line === this.#line) this.#call.oddity(what, this.#parts.now());
  }
}
