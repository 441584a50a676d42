import type { WebSocket } from 'ws';

/** How often a peer is pinged, and after how much silence it is considered dead. */
export interface HeartbeatLimits {
  readonly pingEveryMs: number;
  readonly deadAfterMs: number;
}

/** Pings the peer of a WebSocket and detects when it stops answering. */
export class SocketHeartbeat {
  readonly #socket: WebSocket;
  #lastSignMs: number;
  #pingedAtMs: number;

  constructor(socket: WebSocket, now: () => number) {
    this.#socket = socket;
    this.#lastSignMs = this.#pingedAtMs = now();
    socket.on('pong', () => this.signOfLife(now()));
  }

  /** When the peer was last heard from. */
  get lastSignMs(): number {
    return this.#lastSignMs;
  }

  /** The peer sent something. */
  signOfLife(atMs: number): void {
    this.#lastSignMs = atMs;
  }

  /** Sends a ping if one is due. Returns false if the peer is dead. Call it several times a second. */
  tick(atMs: number, { pingEveryMs, deadAfterMs }: HeartbeatLimits): boolean {
    if (atMs - this.#lastSignMs >= deadAfterMs) return false;
    const socket = this.#socket;
    if (atMs - this.#pingedAtMs >= pingEveryMs && socket.readyState === socket.OPEN) {
      this.#pingedAtMs = atMs;
      socket.ping();
    }
    return true;
  }
}
