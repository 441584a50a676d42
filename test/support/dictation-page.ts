import WebSocket from 'ws';
import type { ToMicrophone } from '../../src/microphone/dictation/dictation-messages.ts';

/** The dictation socket of a page. */
export class DictationPage {
  readonly told: ToMicrophone[] = [];
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();

  constructor(url: string) {
    this.#socket = new WebSocket(`${url.replace(/^http/u, 'ws')}/ws`);
    this.#socket.on('error', () => undefined);
    this.#socket.on('message', (data: Buffer) => {
      this.told.push(JSON.parse(data.toString()) as ToMicrophone);
      const waiting = [...this.#waiting];
      this.#waiting.clear();
      for (const each of waiting) each();
    });
  }

  async until(what: () => boolean): Promise<void> {
    while (!what()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  ready(): Promise<void> {
    return this.until(() => this.told.length > 0);
  }

  say(message: unknown): void {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  audio(bytes: Uint8Array): void {
    this.say({ type: 'audio', audio: Buffer.from(bytes).toString('base64') });
  }

  of<T extends ToMicrophone['type']>(type: T): Extract<ToMicrophone, { type: T }>[] {
    return this.told.filter((one): one is Extract<ToMicrophone, { type: T }> => one.type === type);
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  close(): void {
    this.#socket.close();
  }
}
