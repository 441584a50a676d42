import type { DeskCall, FromDesk, ToDesk } from '../../src/desk/desk-messages.ts';
import type { TranscriptTurn } from '../../src/records/text/transcript.ts';
import { askServer, goToLogin, socketAddress } from '../frame/ask-server.ts';
import type { Session } from '../frame/head.ts';

/** Waits before the tries to come back; the last one again and again. The desk keeps what we hold for 5 s. */
const TRY_AGAIN_MS = [250, 500, 1_000, 2_000, 4_000];
/** Codes of RFC 6455 and its register. */
const TOO_LARGE = 1009;
const TRY_LATER = 1013;
/** What is said on a line that does not get it away is dropped beyond this: old sound is worth nothing. */
const MOST_UNSENT_BYTES = 64 * 1024;

export interface DeskNews {
  /** Something that is shown has changed. */
  changed(): void;
  sound(message: Extract<ToDesk, { type: 'sound' }>): void;
  cut(callSid: string): void;
  gone(callSid: string): void;
  refused(message: Extract<ToDesk, { type: 'error' }>): void;
  /** The desk is there, or there again: whatever was asked for has to be asked for anew. */
  arrived(): void;
}

/** The browser's line to the desk. It comes back by itself, as the same operator. */
export class DeskLink {
  readonly calls = new Map<string, DeskCall>();
  /** Of watched calls. */
  readonly turns = new Map<string, Map<string, TranscriptTurn>>();
  connected = false;
  /** How it stands, in words. */
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

  /** The turns of a watched call, in the order in which their speech began. */
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
    // A refused socket does not say why.
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
  if (code === TRY_LATER)
    return 'The desk is full: no more browsers may be open there. Close another one; trying again …';
  if (code === TOO_LARGE)
    return 'The last message was too large for the desk, and was not taken. Connecting again …';
  return 'Not connected; trying again …';
}
