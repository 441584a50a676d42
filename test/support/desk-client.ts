import WebSocket from 'ws';
import type { DeskCall, FromDesk, ToDesk } from '../../src/desk/desk-messages.ts';
import type { TranscriptTurn } from '../../src/records/text/transcript.ts';

const FRAME_BYTES = 160;
const FRAME_MS = 20;

/** An operator's browser, without the browser. */
export class DeskClient {
  readonly told: ToDesk[] = [];
  readonly calls = new Map<string, DeskCall>();
  readonly turns = new Map<string, TranscriptTurn>();
  operatorId = '';
  /** Gets each message at once. */
  heard: (message: ToDesk) => void = () => undefined;
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#hear(JSON.parse(data.toString()) as ToDesk));
    socket.on('error', () => undefined);
  }

  /** Resolves when the desk has said welcome; rejects with the status of a refusal. */
  static async open(
    url: string,
    options: { operatorId?: string; headers?: Record<string, string> } = {},
  ): Promise<DeskClient> {
    const query = options.operatorId === undefined ? '' : `?operator=${options.operatorId}`;
    const address = `${url.replace(/^http/u, 'ws')}/calls/live${query}`;
    const socket = new WebSocket(address, { headers: options.headers ?? {} });
    const client = new DeskClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('unexpected-response', (_request, response) =>
        reject(new Error(String(response.statusCode))),
      );
    });
    await client.until(() => client.operatorId !== '');
    return client;
  }

  say(message: FromDesk): void {
    this.#socket.send(JSON.stringify(message));
  }

  sayRaw(text: string | Buffer): void {
    this.#socket.send(text);
  }

  /** Speaks into the microphone in real time, and is silent for a second afterwards. */
  async speak(callSid: string, mulaw: Uint8Array): Promise<void> {
    const silence = new Uint8Array(FRAME_BYTES).fill(0xff);
    const frames = Math.ceil(mulaw.length / FRAME_BYTES);
    const startedAt = performance.now();
    for (let i = 0; i < frames + 50; i += 1) {
      const frame = i < frames ? mulaw.slice(i * FRAME_BYTES, (i + 1) * FRAME_BYTES) : silence;
      this.say({ type: 'speak', callSid, mulaw: Buffer.from(frame).toString('base64') });
      const waitMs = startedAt + (i + 1) * FRAME_MS - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  /** Resolves when it is so; looks whenever something is told. */
  async until(what: () => boolean): Promise<void> {
    while (!what()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  errors(): string[] {
    return this.told.flatMap((one) => (one.type === 'error' ? [one.message] : []));
  }

  close(): void {
    this.#socket.close();
  }

  /** Simulates a browser that hangs: it neither reads nor answers, and its connection stays open. */
  freeze(): void {
    this.#socket.pause();
  }

  /** Resolves with the code with which the server closed. */
  closed(): Promise<number> {
    return new Promise((resolve) => this.#socket.once('close', resolve));
  }

  /** As when a browser dies. */
  die(): void {
    this.#socket.terminate();
  }

  #hear(message: ToDesk): void {
    this.told.push(message);
    this.heard(message);
    if (message.type === 'welcome') {
      this.operatorId = message.operatorId;
      for (const call of message.calls) this.calls.set(call.callSid, call);
    }
    if (message.type === 'call') this.calls.set(message.call.callSid, message.call);
    if (message.type === 'gone') this.calls.delete(message.callSid);
    if (message.type === 'turns') for (const turn of message.turns) this.turns.set(turn.id, turn);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const each of waiting) each();
  }
}
