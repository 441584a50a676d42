import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import type { Authenticator } from '../http/auth/authenticator.ts';
import type { WebSocketRoute } from '../http/sockets/websocket-routes.ts';
import { DeskSocket } from './desk-socket.ts';
import type { DeskCalls } from './desk-ports.ts';
import { Desk } from './desk.ts';
import { JsonTexts } from './json-texts.ts';

const DESK_SOCKET = '/calls/live';
const MAX_MESSAGE_BYTES = 64 * 1024;
/** While no browser is connected, the list of calls is read this often: it grows with the number of calls. */
const UNWATCHED_TICK_MS = 1_000;
const OPERATOR_ID = /^[0-9a-f-]{36}$/u;

export interface DeskGatewayOptions {
  readonly calls: DeskCalls;
  readonly authenticator: Authenticator;
  readonly now: () => number;
}

/** Connects the desk with the calls: passes actions of operators to the calls, and the calls' states to the operators. */
export class DeskGateway {
  readonly desk: Desk;
  readonly #options: DeskGatewayOptions;
  readonly #sockets = new Set<DeskSocket>();
  readonly #texts = new JsonTexts();
  #tickedAtMs = -Infinity;

  constructor(options: DeskGatewayOptions) {
    this.#options = options;
    this.desk = new Desk(options.calls);
  }

  /** What the operators here want to know of calls. */
  get interest(): {
    readonly isWatched: boolean;
    readonly hasAvailableOperator: boolean;
    readonly listened: readonly string[];
  } {
    const { hasAvailableOperator, listened } = this.desk;
    return { isWatched: this.isWatched, hasAvailableOperator, listened: [...listened] };
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
        const stream = request.socket;
        const texts = this.#texts;
        this.#sockets.add(new DeskSocket(socket, { desk, stream, texts, now, operatorId }));
      },
    };
  }

  /** Call it every quarter of a second. */
  tick(atMs: number): void {
    for (const socket of this.#sockets) if (!socket.tick(atMs)) this.#sockets.delete(socket);
    if (!this.isWatched && atMs - this.#tickedAtMs < UNWATCHED_TICK_MS) return;
    this.#tickedAtMs = atMs;
    this.#show(() => this.desk.tick(atMs));
  }

  /** The calls that are elsewhere have just been reported: the next tick would show them up to a quarter of a second later. */
  showCalls(): void {
    if (this.isWatched) this.#show(() => this.desk.showCalls());
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }

  #show(tell: () => void): void {
    // Many calls change between two ticks.
    for (const socket of this.#sockets) socket.cork();
    try {
      tell();
    } finally {
      for (const socket of this.#sockets) socket.uncork();
    }
  }
}
