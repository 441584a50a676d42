import type { TalkSettings } from '../../events/call-settings.ts';
import type { Voice } from '../ports.ts';
import type { Greeter } from './answerer.ts';
import { SpokenForm } from './text/spoken-form/spoken-form.ts';

/** The longest greeting: half a minute of μ-law. */
const MAX_BYTES = 240_000;

/** The greeting as it is spoken. */
export function spokenGreeting({ greeting, call: { talk } }: GreetingSettings): string {
  return new SpokenForm(talk.spokenForm, talk.language).say(greeting);
}

interface GreetingSettings {
  readonly greeting: string;
  readonly call: { readonly talk: Pick<TalkSettings, 'spokenForm' | 'language'> };
}

/** The greeting in the assistant's voice: synthesised once and kept; a failure is retried at the next call. */
export class GreetingCache implements Greeter {
  readonly #voice: Voice | undefined;
  readonly #text: string;
  readonly #failed: (error: unknown) => void;
  #made: { readonly text: string; readonly mulaw: Uint8Array } | undefined;
  #making = false;

  /** Without a voice, the recorded prompt is used. `failed` receives the errors of the voice. */
  constructor(voice: Voice | undefined, text: string, failed: (error: unknown) => void = () => {}) {
    this.#voice = voice;
    this.#text = text;
    this.#failed = failed;
  }

  /** Synthesises the greeting unless it exists or is in progress. Call it at start and while a phone rings. */
  async prepare(): Promise<void> {
    if (!this.#voice || this.#made || this.#making) return;
    this.#making = true;
    const parts: Uint8Array[] = [];
    let length = 0;
    let text = this.#text;
    const enough = new AbortController();
    try {
      for await (const part of this.#voice.speak(this.#text, enough.signal)) {
        if (!(part instanceof Uint8Array)) {
          text = part.spoken;
          continue;
        }
        parts.push(part);
        length += part.length;
        if (length > MAX_BYTES) break;
      }
      if (length > 0) this.#made = { text, mulaw: Buffer.concat(parts) };
    } catch (error) {
      // The recorded greeting is played instead; the next call retries.
      this.#failed(error);
    } finally {
      enough.abort();
      this.#making = false;
    }
  }

  ready(): { text: string; mulaw: Uint8Array } | 'none' | undefined {
    if (this.#made) return this.#made;
    return this.#voice ? undefined : 'none';
  }
}
