import type { Voice } from '../ports.ts';
import type { Greeter } from './answerer.ts';

/** A greeting is not spoken for longer than this: half a minute of μ-law. */
const LONGEST_BYTES = 240_000;

/** The greeting in the assistant's voice: made once, kept, and made again when it failed. */
export class GreetingCache implements Greeter {
  readonly #voice: Voice | undefined;
  readonly #text: string;
  #made: Uint8Array | undefined;
  #making = false;

  /** Without a voice the recorded prompt serves. */
  constructor(voice: Voice | undefined, text: string) {
    this.#voice = voice;
    this.#text = text;
  }

  /** To be called at the start and while a phone rings; does nothing where it is there or under way. */
  async prepare(): Promise<void> {
    if (!this.#voice || this.#made || this.#making) return;
    this.#making = true;
    const parts: Uint8Array[] = [];
    let length = 0;
    const enough = new AbortController();
    try {
      for await (const mulaw of this.#voice.speak(this.#text, enough.signal)) {
        parts.push(mulaw);
        length += mulaw.length;
        if (length > LONGEST_BYTES) break;
      }
      if (length > 0) this.#made = Buffer.concat(parts);
    } catch {
      // The recorded greeting takes its place; the next call asks again.
    } finally {
      enough.abort();
      this.#making = false;
    }
  }

  ready(): { text: string; mulaw: Uint8Array } | 'none' | undefined {
    if (this.#made) return { text: this.#text, mulaw: this.#made };
    return this.#voice ? undefined : 'none';
  }
}
