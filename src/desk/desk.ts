import { randomUUID } from 'node:crypto';
import type { Speaker } from '../events/speaker.ts';
import type { TranscriptTurn } from '../records/text/transcript.ts';
import type { DeskCalls, DeskConnection, ListedCall } from './desk-ports.ts';
import type { DeskCall, FromDesk, ToDesk } from './desk-messages.ts';
import { CallHolders } from './call-holders.ts';
import { LiveTurns } from './live-turns.ts';
import { NO_ASSISTANT, NO_CALL, unanswered } from './refusals.ts';
import { SentCalls } from './sent-calls.ts';

/** The calls of an operator whose browser is disconnected for this long go back to the assistant. */
export const HAND_BACK_AFTER_MS = 5_000;
/** Connected browsers, and disconnected ones that may return. */
const MAX_OPERATORS = 100;

interface DeskOperator {
  readonly id: string;
  connection: DeskConnection | undefined;
  goneAtMs: number | undefined;
  available: boolean;
  readonly watches: Set<string>;
  readonly listens: Set<string>;
  /** Calls that ring, but not here. */
  readonly declined: Set<string>;
  /** Of the last message: its reason, if it was refused. */
  refusal: Promise<string | undefined>;
}

/** Operators watch live calls, listen to them and take them over. */
export class Desk {
  readonly #calls: DeskCalls;
  readonly #operators = new Map<string, DeskOperator>();
  readonly #holders: CallHolders;
  readonly #turns = new LiveTurns();
  readonly #sent = new SentCalls();

  constructor(calls: DeskCalls) {
    this.#calls = calls;
    this.#holders = new CallHolders(calls);
  }

  /** Whether an operator is available to answer a call. */
  get hasAvailableOperator(): boolean {
    return [...this.#operators.values()].some(({ connection, available }) => connection && available);
  }

  /** The calls that operators listen to. */
  get listened(): ReadonlySet<string> {
    return new Set([...this.#operators.values()].flatMap(({ listens }) => [...listens]));
  }

  /** Whether an operator holds a call. */
  holds(operatorId: string): boolean {
    return this.#holders.holdsAny(operatorId);
  }

  /** Registers a browser, or reconnects it as `operatorId`. Returns its id; undefined if there are too many operators. */
  arrive(connection: DeskConnection, operatorId: string | undefined): string | undefined {
    const known = operatorId === undefined ? undefined : this.#operators.get(operatorId);
    if (!known && this.#operators.size >= MAX_OPERATORS) return undefined;
    const operator: DeskOperator = known ?? {
      id: randomUUID(),
      connection,
      goneAtMs: undefined,
      available: true,
      watches: new Set(),
      listens: new Set(),
      declined: new Set(),
      refusal: Promise.resolve(undefined),
    };
    operator.connection = connection;
    operator.goneAtMs = undefined;
    this.#operators.set(operator.id, operator);
    const calls = this.#calls.list().map((call) => this.#asSeen(call, operator));
    connection.send({ type: 'welcome', operatorId: operator.id, calls });
    return operator.id;
  }

  /** A browser disconnected. Ignored if the operator has a newer connection. */
  leave(operatorId: string, connection: DeskConnection, atMs: number): void {
    const operator = this.#operators.get(operatorId);
    if (operator?.connection !== connection) return;
    operator.connection = undefined;
    operator.goneAtMs = atMs;
    operator.watches.clear();
    operator.listens.clear();
  }

  /** Resolves when it is done, or refused. */
  async take(operatorId: string, message: FromDesk): Promise<void> {
    const operator = this.#operators.get(operatorId);
    if (!operator) return;
    const done = this.#do(operator, message).catch((error: unknown) => unanswered(error));
    // Refusals are sent in the order of the messages.
    const refusal = (operator.refusal = operator.refusal.then(() => done));
    const refused = await refusal;
    if (refused === undefined) return;
    const callSid = 'callSid' in message ? message.callSid : undefined;
    operator.connection?.send({ type: 'error', message: refused, about: message.type, callSid });
  }

  /** New and changed turns of a call's transcript. */
  changed(callSid: string, turns: readonly TranscriptTurn[]): void {
    if (turns.length === 0) return;
    this.#turns.put(callSid, turns);
    const message: ToDesk = { type: 'turns', callSid, turns };
    for (const { connection, watches } of this.#operators.values())
      if (watches.has(callSid)) connection?.send(message);
  }

  /** Audio of a call, as it is received and sent. */
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

  /** Audio that was sent but not heard was discarded. */
  cut(callSid: string): void {
    for (const { connection, listens } of this.#operators.values())
      if (listens.has(callSid)) connection?.send({ type: 'cut', callSid });
  }

  /** Sends changes, and hands back calls of disconnected operators. Call it every quarter of a second. */
  tick(atMs: number): void {
    this.#handBackAbandoned(atMs);
    this.showCalls();
  }

  /** Sends calls that are new or have changed. */
  showCalls(): void {
    const calls = this.#calls.list();
    for (const call of calls) this.#show(call);
    for (const callSid of this.#sent.without(calls)) this.#forget(callSid);
  }

  /** Resolves with the reason of a refusal. */
  async #do(operator: DeskOperator, message: FromDesk): Promise<string | undefined> {
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
        return this.#holders.takeOver(message.callSid, operator.id);
      case 'decline':
        return this.#decline(operator, message.callSid);
      case 'handBack':
        return this.#holders.handBack(message.callSid, operator.id);
      case 'speak':
        if (!this.#holders.isHeldBy(message.callSid, operator.id))
          return 'Take the call over before you speak.';
        this.#calls.say(message.callSid, Buffer.from(message.mulaw, 'base64'));
        return undefined;
      case 'guide':
        return (await this.#calls.guide(message.callSid, message.text)) ? undefined : NO_ASSISTANT;
      case 'hangUp':
        return (
          this.#holders.refusal(message.callSid, operator.id) ??
          ((await this.#calls.hangUp(message.callSid)) ? undefined : NO_CALL)
        );
      case 'setFormat':
        return (await this.#calls.setFormat(message.callSid, message.format)) === 'set'
          ? undefined
          : 'The format cannot be changed: the call is over, or recording is off.';
    }
  }

  #watch(operator: DeskOperator, callSid: string): undefined {
    operator.watches.add(callSid);
    operator.connection?.send({ type: 'turns', callSid, turns: this.#turns.of(callSid) });
    return undefined;
  }

  async #decline(operator: DeskOperator, callSid: string): Promise<string | undefined> {
    if (!this.#calls.list().some((call) => call.callSid === callSid && call.bell))
      return 'The call does not ring any more.';
    operator.declined.add(callSid);
    this.#sent.forget(callSid);
    for (const { connection, available, declined } of this.#operators.values())
      if (connection && available && !declined.has(callSid)) return undefined;
    await this.#calls.decline(callSid);
    return undefined;
  }

  #handBackAbandoned(atMs: number): void {
    for (const [id, { connection, goneAtMs }] of this.#operators) {
      if (connection || goneAtMs === undefined || atMs - goneAtMs < HAND_BACK_AFTER_MS) continue;
      this.#operators.delete(id);
      this.#holders.handBackAll(id);
    }
  }

  /** The message is one object for all operators to whom the call looks the same, so that it is serialised once. */
  #show(call: ListedCall): void {
    const { callSid } = call;
    const holder = this.#holders.holderOf(callSid);
    if (!this.#sent.changes(call, holder, this.#turns.lastWords(callSid))) return;
    const message: ToDesk = { type: 'call', call: this.#asSeen(call, undefined) };
    for (const operator of this.#operators.values()) {
      const isOwn = operator.id === holder || operator.declined.has(callSid);
      operator.connection?.send(isOwn ? { type: 'call', call: this.#asSeen(call, operator) } : message);
    }
  }

  #forget(callSid: string): void {
    this.#sent.forget(callSid);
    this.#turns.forget(callSid);
    this.#holders.release(callSid);
    const message: ToDesk = { type: 'gone', callSid };
    for (const { connection, watches, listens, declined } of this.#operators.values()) {
      watches.delete(callSid);
      listens.delete(callSid);
      declined.delete(callSid);
      connection?.send(message);
    }
  }

  /** Undefined: an operator who neither holds the call nor has declined it. */
  #asSeen(call: ListedCall, operator: DeskOperator | undefined): DeskCall {
    const holder = this.#holders.holderOf(call.callSid);
    return {
      ...call,
      declined: call.bell && operator?.declined.has(call.callSid) ? true : undefined,
      lastWords: this.#turns.lastWords(call.callSid),
      operator: holder === undefined ? undefined : holder === operator?.id ? 'you' : 'another',
    };
  }
}
