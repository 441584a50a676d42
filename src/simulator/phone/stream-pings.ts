import WebSocket from 'ws';

/** Measures round trips with WebSocket pings. Times are stream milliseconds. */
export class StreamPings {
  readonly roundTripsMs: number[] = [];
  readonly #socket: WebSocket;
  readonly #everyMs: number;
  #sentAtMs = 0;
  #readUntilMs = 0;

  constructor(socket: WebSocket, everyMs = 1_000) {
    this.#socket = socket;
    this.#everyMs = everyMs;
  }

  /** Everything sent before this time had been read by the application when it last answered a ping. */
  get readUntilMs(): number {
    return this.#readUntilMs;
  }

  tick(nowMs: number): void {
    if (nowMs - this.#sentAtMs < this.#everyMs || this.#socket.readyState !== WebSocket.OPEN) return;
    this.#sentAtMs = nowMs;
    this.#socket.ping(String(nowMs));
  }

  pong(data: Buffer, nowMs: number): void {
    const sentAtMs = Number(data.toString());
    this.roundTripsMs.push(nowMs - sentAtMs);
    this.#readUntilMs = sentAtMs;
  }
}
