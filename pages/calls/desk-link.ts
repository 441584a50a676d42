import type { DeskCall, FromDesk, ToDesk } from '../../src/desk/desk-messages.ts';
import type { TranscriptTurn } from '../../src/records/text/transcript.ts';
import { askServer, goToLogin, socketAddress } from '../frame/ask-server.ts';
import type { Session } from '../frame/head.ts';

/** Delays before reconnects; the last one repeats. The desk keeps the calls that we hold for 5 s. */
const TRY_AGAIN_MS = [250, 500, 1_000, 2_000, 4_000];
/** Close codes of RFC 6455 and its registry. */
const TOO_LARGE = 1009;
const TRY_LATER = 1013;
/** Outgoing audio beyond this backlog is dropped: old audio is useless. */
const MOST_UNSENT_BYTES = 64 * 1024;

export interface DeskNews {
  /** Displayed data has changed. */
  changed(): void;
  sound(message: Extract<ToDesk, { type: 'sound' }>): void;
  cut(callSid: string): void;
  gone(callSid: string): void;
  refused(message: Extract<ToDesk, { type: 'error' }>): void;
  /** The connection is open, initially or again: subscriptions have to be renewed. */
  arrived(): void;
}

/** The browser's connection to the desk. It reconnects automatically as the same operator. */
export class DeskLink {
  readonly calls = new Map<string, DeskCall>();
  /** Of watched calls. */
  readonly turns = new Map<string, Map<string, TranscriptTurn>>();
  connected = false;
  /** The state of the connection as a text. */
  words = 'Connecting …';
  readonly #news: DeskNews;
  #socket: WebSocket | undefined;
  #operatorId = '';
  #failures = 0;

  constructor(news: DeskNews) {
    this.#news = news;
    this.#connect();
  }

  say(message: FromDesk): void {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return;
    if (message.type === 'speak' && socket.bufferedAmount > MOST_UNSENT_BYTES) return;
    socket.send(JSON.stringify(message));
  }

  /** The turns of a watched call, ordered by the beginning of their speech. */
  turnsOf(callSid: string): readonly TranscriptTurn[] {
    return [...(this.turns.get(callSid)?.values() ?? [])].sort((a, b) => a.startMs - b.startMs);
  }

  #connect(): void {
    const query = this.#operatorId && `?operator=${this.#operatorId}`;
    const socket = new WebSocket(socketAddress(`/calls/live${query}`));
    this.#socket = socket;
    socket.onmessage = ({ data }: MessageEvent<string>) => this.#hear(JSON.parse(data) as ToDesk);
    socket.onclose = ({ code }) => this.#lost(code);
  }

  #lost(code: number): void {
    const waitMs = TRY_AGAIN_MS[Math.min(this.#failures, TRY_AGAIN_MS.length - 1)]!;
    this.#failures += 1;
    this.connected = false;
    this.words = lostWords(code);
    this.#news.changed();
    setTimeout(() => this.#connect(), waitMs);
    // A rejected WebSocket gives no reason.
    void askServer<Session>('/api/session').then(
      ({ admitted }) => !admitted && goToLogin(),
      () => undefined,
    );
  }

  #hear(message: ToDesk): void {
    switch (message.type) {
      case 'welcome':
        this.#welcome(message);
        break;
      case 'call':
        this.calls.set(message.call.callSid, message.call);
        break;
      case 'gone':
        this.calls.delete(message.callSid);
        this.#news.gone(message.callSid);
        break;
      case 'turns':
        this.#enter(message);
        break;
      case 'sound':
        this.#news.sound(message);
        return;
      case 'cut':
        this.#news.cut(message.callSid);
        return;
      case 'error':
        this.#news.refused(message);
        break;
    }
    this.#news.changed();
  }

  #welcome({ operatorId, calls }: Extract<ToDesk, { type: 'welcome' }>): void {
    this.#operatorId = operatorId;
    this.#failures = 0;
    this.connected = true;
    this.words = 'Connected.';
    const there = new Set(calls.map(({ callSid }) => callSid));
    const gone = [...this.calls.keys()].filter((callSid) => !there.has(callSid));
    this.calls.clear();
    for (const call of calls) this.calls.set(call.callSid, call);
    for (const callSid of gone) this.#news.gone(callSid);
    this.#news.arrived();
  }

  #enter({ callSid, turns }: Extract<ToDesk, { type: 'turns' }>): void {
    const kept = this.turns.get(callSid) ?? new Map<string, TranscriptTurn>();
    this.turns.set(callSid, kept);
    for (const turn of turns) kept.set(turn.id, turn);
  }
}

function lostWords(code: number): string {
  if (code === TRY_LATER) return 'Too many browsers are open at the desk. Close another one; reconnecting …';
  if (code === TOO_LARGE)
    return 'The last message was too large for the desk and was rejected. Reconnecting …';
  return 'Not connected; reconnecting …';
}
