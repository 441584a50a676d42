import { MULAW_SILENCE, SAMPLES_PER_MS } from '../../../audio/telephone.ts';
import type { SessionInput } from '../session-input.ts';
import { LineClock } from './line-clock.ts';

/** Audio of one message: with fewer messages the server hears later. */
const MESSAGE_SAMPLES = 60 * SAMPLES_PER_MS;

/** The caller's line on its way to a session: without gaps, silence included. Times are call milliseconds; audio is μ-law at 8,000 Hz. */
export class LineInput {
  readonly #input: SessionInput;
  readonly #clock = new LineClock();
  /** Audio of the next message. */
  #next: Uint8Array[] = [];

  constructor(input: SessionInput) {
    this.#input = input;
  }

  /** The end of the line so far. */
  get endMs(): number {
    return this.#clock.endMs;
  }

  /** As `LineListener.hear`. */
  hear(fromMs: number, mulaw: Uint8Array): void {
    const gapMs = this.#clock.gapBefore(fromMs);
    if (gapMs > 0) this.#append(new Uint8Array(Math.round(gapMs * SAMPLES_PER_MS)).fill(MULAW_SILENCE));
    this.#append(mulaw.slice());
    this.#clock.appended(mulaw.length / SAMPLES_PER_MS);
  }

  /** Commits what the server hears. `label`: the id of the message. */
  commit(label: string): void {
    this.#flush();
    this.#input.commit(label);
  }

  /** Commits this speech, which ends at `endMs`, and nothing else of the line before it. */
  commitSpeech(speech: Uint8Array, endMs: number, label: string): void {
    const lineEndMs = this.endMs;
    this.#flush();
    this.#input.clear();
    const lengthMs = speech.length / SAMPLES_PER_MS;
    this.#clock.jumpTo(endMs - lengthMs);
    this.#clock.appended(lengthMs);
    this.#input.append(speech);
    this.#input.commit(label);
    this.#clock.jumpTo(lineEndMs);
  }

  /** A place in the audio that the session got, as the server states it; by default the end of the line. Never before `fromMs`. */
  placed(appendedMs: number | undefined, fromMs: number): number {
    const callMs = appendedMs === undefined ? this.endMs : this.#clock.callMs(appendedMs);
    return Math.min(this.endMs, Math.max(fromMs, callMs));
  }

  #append(mulaw: Uint8Array): void {
    this.#next.push(mulaw);
    if (this.#next.reduce((sum, { length }) => sum + length, 0) >= MESSAGE_SAMPLES) this.#flush();
  }

  #flush(): void {
    if (this.#next.length > 0) this.#input.append(Buffer.concat(this.#next));
    this.#next = [];
  }
}
