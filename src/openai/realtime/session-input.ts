import { MULAW_TYPE } from './event-fields.ts';
import { PCM_HZ, PcmEncoder } from './pcm-encoder.ts';
import { appendAudio, clearAudio, commitAudio, type InputFormat } from './input-messages.ts';

const MULAW: InputFormat = { type: MULAW_TYPE };
const PCM: InputFormat = { type: 'audio/pcm', rate: PCM_HZ };

/** The audio that a session gets: kept until the session is configured, then sent as μ-law or as PCM, whichever the server takes. */
export class SessionInput {
  readonly #send: (message: string) => void;
  #format = MULAW;
  /** At most what is said until a session must be configured; undefined once it is. */
  #waiting: (() => void)[] | undefined = [];
  #pcm: PcmEncoder | undefined;

  constructor(send: (message: string) => void) {
    this.#send = send;
  }

  /** The format to request of the server. */
  get format(): InputFormat {
    return this.#format;
  }

  /** The server refuses the format. Returns false if there is no other one. */
  refused(): boolean {
    if (this.#format === PCM) return false;
    this.#format = PCM;
    return true;
  }

  /** The session is configured. For PCM, `loadResampler` must have been awaited. */
  begin(format: 'mulaw' | 'pcm'): void {
    if (format === 'pcm') this.#pcm = new PcmEncoder();
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const action of waiting) action();
  }

  /** Drops what waits for the session. */
  restart(): void {
    if (this.#waiting) this.#waiting = [];
  }

  /** μ-law at 8,000 Hz. */
  append(mulaw: Uint8Array): void {
    const audio = this.#waiting ? mulaw.slice() : mulaw;
    this.#whenReady(() => this.#send(appendAudio(this.#pcm?.encode(audio) ?? audio)));
  }

  /** `label`: the id of the message. */
  commit(label: string): void {
    this.#whenReady(() => {
      if (this.#pcm) this.#send(appendAudio(this.#pcm.end()));
      this.#send(commitAudio(label));
    });
  }

  clear(): void {
    this.#whenReady(() => {
      this.#pcm?.reset();
      this.#send(clearAudio());
    });
  }

  /** The session is over. */
  close(): void {
    this.#waiting = undefined;
    this.#pcm?.close();
    this.#pcm = undefined;
  }

  #whenReady(action: () => void): void {
    if (this.#waiting) this.#waiting.push(action);
    else action();
  }
}
