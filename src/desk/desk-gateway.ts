import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import type { CallRegistry } from '../call/call-registry.ts';
import type { Call } from '../call/call.ts';
import type { Authenticator } from '../http/auth/authenticator.ts';
import type { WebSocketRoute } from '../http/websocket-routes.ts';
import type { Journal } from '../journal/journal.ts';
import { DeskSocket } from './desk-socket.ts';
import type { DeskCalls } from './desk-ports.ts';
import { Desk } from './desk.ts';

const DESK_SOCKET = '/calls/live';
const MAX_MESSAGE_BYTES = 64 * 1024;
/** While no browser is connected, the list of calls is read this often: it grows with the number of calls. */
const UNWATCHED_TICK_MS = 1_000;
const OPERATOR_ID = /^[0-9a-f-]{36}$/u;

export interface DeskGatewayOptions {
  readonly calls: CallRegistry<Journal>;
  readonly authenticator: Authenticator;
  readonly now: () => number;
}

/** Connects the desk with the calls: passes actions of operators to the calls, and the calls' states to the operators. */
export class DeskGateway {
  readonly desk: Desk;
  readonly #options: DeskGatewayOptions;
  readonly #sockets = new Set<DeskSocket>();
  #tickedAtMs = -Infinity;

  constructor(options: DeskGatewayOptions) {
    this.#options = options;
    this.desk = new Desk(this.#calls());
  }

  /** Whether a browser is connected. */
  get isWatched(): boolean {
    return this.#sockets.size > 0;
  }

  webSocketRoute(): WebSocketRoute {
    return {
      path: DESK_SOCKET,
      maxMessageBytes: MAX_MESSAGE_BYTES,
      refusal: (request) => {
        const result = this.#options.authenticator.authenticate(request);
        return result.admitted ? undefined : result;
      },
      open: (socket: WebSocket, request: IncomingMessage) => {
        const { searchParams } = new URL(request.url ?? '/', 'http://desk');
        const asked = searchParams.get('operator') ?? '';
        const { desk } = this;
        const { now } = this.#options;
        const operatorId = OPERATOR_ID.test(asked) ? asked : undefined;
        this.#sockets.add(new DeskSocket(socket, { desk, now, operatorId }));
      },
    };
  }

  /** Call it every quarter of a second. */
  tick(atMs: number): void {
    for (const socket of this.#sockets) if (!socket.tick(atMs)) this.#sockets.delete(socket);
    if (!this.isWatched && atMs - this.#tickedAtMs < UNWATCHED_TICK_MS) return;
    this.#tickedAtMs = atMs;
    this.desk.tick(atMs);
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }

  #calls(): DeskCalls {
    const { calls, now } = this.#options;
    const withCall = (callSid: string, act: (call: Call) => boolean): boolean => {
      const call = calls.get(callSid);
      return call !== undefined && act(call);
    };
    return {
      list: () =>
        calls.list().map(({ identity, state, startedAtMs, format }) => {
          const call = calls.get(identity.callSid);
          const shown = state === 'live' ? (call?.dialog.state ?? 'greeting') : state;
          return {
            ...identity,
            startedAt: new Date(startedAtMs).toISOString(),
            state: shown,
            format,
            assisted: call?.answerers.isAssisted ? (true as const) : undefined,
            partialText: call?.dialog.partialText,
            bell: state === 'live' && shown === 'ringing' ? (true as const) : undefined,
          };
        }),
      takeOver: (callSid) => withCall(callSid, (call) => call.takeOver(now())),
      handBack: (callSid) => withCall(callSid, (call) => call.answerers.handBack(now())),
      say: (callSid, mulaw) => calls.get(callSid)?.operatorAudio(mulaw, now()),
      guide: (callSid, text) => withCall(callSid, (call) => call.guide(text, now())),
      decline: (callSid) => withCall(callSid, (call) => call.answerers.stopRinging(now())),
      hangUp: (callSid) =>
        withCall(callSid, (call) => {
          call.endNow('the desk hung up', now());
          return true;
        }),
      setFormat: (callSid, format) => calls.setFormat(callSid, format, now()) === 'set',
    };
  }
}
