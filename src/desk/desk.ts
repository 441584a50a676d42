import { randomUUID } from 'node:crypto';
import type { AudioFormat } from '../audio/formats/formats.ts';
import type { Speaker } from '../events/speaker.ts';
import type { TranscriptTurn } from '../records/text/transcript.ts';
import type { DeskCall, FromDesk, ToDesk } from './desk-messages.ts';

/** An operator whose browser is gone this long, or was not heard of, gives the calls back that it held. */
export const HAND_BACK_AFTER_MS = 5_000;
/** Browsers at the desk. */
const MOST_OPERATORS = 100;
/** Turns of a live call that whoever begins to watch is told at once; earlier ones are in the catalogue. */
const TURNS_KEPT = 300;

/** The calls that are going on, as the desk reaches them. Each answers false where that cannot be done now. */
export interface DeskCalls {
  list(): readonly Omit<DeskCall, 'lastWords' | 'operator'>[];
  takeOver(callSid: string): boolean;
  handBack(callSid: string): boolean;
  say(callSid: string, mulaw: Uint8Array): void;
  guide(callSid: string, text: string): boolean;
  hangUp(callSid: string): boolean;
  setFormat(callSid: string, format: AudioFormat): boolean;
}

/** One browser at the desk. */
export interface DeskConnection {
  send(message: ToDesk): void;
  /** Whether it does not keep up; sound is not sent then. */
  readonly slow: boolean;
}

interface Operator {
  readonly id: string;
  connection: DeskConnection | undefined;
  goneAtMs: number | undefined;
  available: boolean;
  readonly watches: Set<string>;
  readonly listens: Set<string>;
}

/** Where people watch calls, hear them, and take them over. */
export class Desk {
  readonly #calls: DeskCalls;
  readonly #operators = new Map<string, Operator>();
  /** Call → operator. */
  readonly #holders = new Map<string, string>();
  readonly #turns = new Map<string, Map<string, TranscriptTurn>>();
  readonly #shown = new Map<string, string>();

  constructor(calls: DeskCalls) {
    this.#calls = calls;
  }

  /** Whether somebody is there whom a call may ring. */
  get manned(): boolean {
    for (const operator of this.#operators.values())
      if (operator.connection && operator.available) return true;
    return false;
  }

  /** Whether an operator holds a call. */
  holds(operatorId: string): boolean {
    for (const holder of this.#holders.values()) if (holder === operatorId) return true;
    return false;
  }

  /** A browser comes, or comes back as `operatorId`; undefined where the desk is full. Gives its id. */
  arrive(connection: DeskConnection, operatorId: string | undefined): string | undefined {
    const known = operatorId === undefined ? undefined : this.#operators.get(operatorId);
    if (!known && this.#operators.size >= MOST_OPERATORS) return undefined;
    const operator: Operator = known ?? {
      id: randomUUID(),
      connection,
      goneAtMs: undefined,
      available: true,
      watches: new Set(),
      listens: new Set(),
    };
    operator.connection = connection;
    operator.goneAtMs = undefined;
    this.#operators.set(operator.id, operator);
    const calls = this.#calls.list().map((call) => this.#asSeen(call, operator));
    connection.send({ type: 'welcome', operatorId: operator.id, calls });
    return operator.id;
  }

  /** A browser is gone; `connection` keeps one that was replaced from taking its successor along. */
  leave(operatorId: string, connection: DeskConnection, atMs: number): void {
    const operator = this.#operators.get(operatorId);
    if (operator?.connection !== connection) return;
    operator.connection = undefined;
    operator.goneAtMs = atMs;
    operator.watches.clear();
    operator.listens.clear();
  }

  take(operatorId: string, message: FromDesk): void {
    const operator = this.#operators.get(operatorId);
    if (!operator) return;
    const refused = this.#do(operator, message);
    if (refused !== undefined)
      operator.connection?.send({ type: 'error', message: refused, about: message.type });
  }

  /** What has changed of a call's transcript. */
  changed(callSid: string, turns: readonly TranscriptTurn[]): void {
    if (turns.length === 0) return;
    const kept = this.#turns.get(callSid) ?? new Map<string, TranscriptTurn>();
    this.#turns.set(callSid, kept);
    for (const turn of turns) kept.set(turn.id, turn);
    for (const oldest of kept.keys()) {
      if (kept.size <= TURNS_KEPT) break;
      kept.delete(oldest);
    }
    for (const { connection, watches } of this.#operators.values())
      if (watches.has(callSid)) connection?.send({ type: 'turns', callSid, turns });
  }

  /** Sound of a call, as it comes and goes. */
  sound(callSid: string, speaker: Speaker, mulaw: Uint8Array, callMs: number): void {
    let message: ToDesk | undefined;
    for (const { connection, listens } of this.#operators.values()) {
      if (!connection || connection.slow || !listens.has(callSid)) continue;
      message ??= {
        type: 'sound',
        callSid,
        speaker,
        callMs: Math.round(callMs),
        mulaw: Buffer.from(mulaw).toString('base64'),
      };
      connection.send(message);
    }
  }

  /** Whoever spoke fell silent at once: sound that lies ahead is not heard. */
  cut(callSid: string): void {
    for (const { connection, listens } of this.#operators.values())
      if (listens.has(callSid)) connection?.send({ type: 'cut', callSid });
  }

  /** Tells what has changed, and gives back what nobody holds any more; to be called every quarter of a second. */
  tick(atMs: number): void {
    this.#giveBack(atMs);
    const calls = this.#calls.list();
    const there = new Set(calls.map(({ callSid }) => callSid));
    for (const call of calls) this.#show(call);
    for (const callSid of this.#shown.keys()) if (!there.has(callSid)) this.#forget(callSid);
  }

  #do(operator: Operator, message: FromDesk): string | undefined {
    switch (message.type) {
      case 'available':
        operator.available = message.available;
        return undefined;
      case 'watch':
        return this.#watch(operator, message.callSid);
      case 'unwatch':
        operator.watches.delete(message.callSid);
        return undefined;
      case 'listen':
        if (message.on) operator.listens.add(message.callSid);
        else operator.listens.delete(message.callSid);
        return undefined;
      case 'takeOver':
        return this.#takeOver(operator, message.callSid);
      case 'handBack':
        return this.#handBack(operator, message.callSid);
      case 'speak':
        if (this.#holders.get(message.callSid) !== operator.id) return 'Take the call over before you speak.';
        this.#calls.say(message.callSid, Buffer.from(message.mulaw, 'base64'));
        return undefined;
      case 'guide':
        return this.#calls.guide(message.callSid, message.text) ? undefined : NO_CALL;
      case 'hangUp':
        return (
          this.#heldByAnother(operator, message.callSid) ??
          (this.#calls.hangUp(message.callSid) ? undefined : NO_CALL)
        );
      case 'setFormat':
        return this.#calls.setFormat(message.callSid, message.format)
          ? undefined
          : 'The format cannot be changed: the call is over, or recording is off.';
    }
  }

  #watch(operator: Operator, callSid: string): undefined {
    operator.watches.add(callSid);
    const turns = [...(this.#turns.get(callSid)?.values() ?? [])];
    operator.connection?.send({ type: 'turns', callSid, turns });
    return undefined;
  }

  #takeOver(operator: Operator, callSid: string): string | undefined {
    const held = this.#heldByAnother(operator, callSid);
    if (held !== undefined) return held;
    if (this.#holders.get(callSid) === operator.id) return undefined;
    if (!this.#calls.takeOver(callSid))
      return 'The call cannot be taken over just now: its line is not there, or it is about to end.';
    this.#holders.set(callSid, operator.id);
    return undefined;
  }

  #handBack(operator: Operator, callSid: string): string | undefined {
    if (this.#holders.get(callSid) !== operator.id) return 'You do not hold this call.';
    this.#holders.delete(callSid);
    this.#calls.handBack(callSid);
    return undefined;
  }

  #heldByAnother(operator: Operator, callSid: string): string | undefined {
    const holder = this.#holders.get(callSid);
    return holder === undefined || holder === operator.id ? undefined : 'Somebody else holds this call.';
  }

  #giveBack(atMs: number): void {
    for (const [id, { connection, goneAtMs }] of this.#operators) {
      if (connection || goneAtMs === undefined || atMs - goneAtMs < HAND_BACK_AFTER_MS) continue;
      this.#operators.delete(id);
      for (const [callSid, holder] of this.#holders) {
        if (holder !== id) continue;
        this.#holders.delete(callSid);
        this.#calls.handBack(callSid);
      }
    }
  }

  #show(call: Omit<DeskCall, 'lastWords' | 'operator'>): void {
    const seen = JSON.stringify([call, this.#holders.get(call.callSid), this.#lastWords(call.callSid)]);
    if (this.#shown.get(call.callSid) === seen) return;
    this.#shown.set(call.callSid, seen);
    for (const operator of this.#operators.values())
      operator.connection?.send({ type: 'call', call: this.#asSeen(call, operator) });
  }

  #forget(callSid: string): void {
    this.#shown.delete(callSid);
    this.#turns.delete(callSid);
    this.#holders.delete(callSid);
    for (const { connection, watches, listens } of this.#operators.values()) {
      watches.delete(callSid);
      listens.delete(callSid);
      connection?.send({ type: 'gone', callSid });
    }
  }

  #asSeen(call: Omit<DeskCall, 'lastWords' | 'operator'>, operator: Operator): DeskCall {
    const lastWords = this.#lastWords(call.callSid);
    const holder = this.#holders.get(call.callSid);
    return {
      ...call,
      ...(lastWords && { lastWords }),
      ...(holder !== undefined && { operator: holder === operator.id ? 'you' : 'another' }),
    };
  }

  #lastWords(callSid: string): DeskCall['lastWords'] {
    let last: TranscriptTurn | undefined;
    for (const turn of this.#turns.get(callSid)?.values() ?? [])
      if (turn.text && (!last || turn.startMs >= last.startMs)) last = turn;
    return last && { speaker: last.speaker, text: last.text! };
  }
}

const NO_CALL = 'There is no such call any more.';
