import type { LineListener } from '../../src/call/line-listener.ts';
import type {
  ConversationEntry,
  SpeechStream,
  SpeechToSpeech,
  SpeechToSpeechSession,
  SpokenReplyPart,
  TextRequest,
} from '../../src/call/ports.ts';
import type { Scripted } from './scripted-services.ts';

type Sleep = (ms: number) => Promise<void>;

/** A part of a response: words, audio of so many milliseconds, or the failure of the session. */
export interface ResponsePart {
  readonly afterMs: number;
  readonly words?: string;
  readonly audioMs?: number;
  /** Audio instead of a tone. */
  readonly mulaw?: Uint8Array;
  readonly fail?: Error;
  /** The response alone fails: the session goes on. */
  readonly failsAlone?: boolean;
}

/** Speaks the next response of its list; remembers what it was shown and what it heard. */
export class ScriptedSpeechToSpeech implements SpeechToSpeech {
  readonly server = 'voice.example';
  readonly shown: (readonly ConversationEntry[])[] = [];
  readonly heard: { readonly turn: number; readonly samples: number }[] = [];
  readonly retracted: number[] = [];
  cancelled = 0;
  available = true;
  /** Decides where turns end. */
  line: LineListener | undefined;
  readonly #sleep: Sleep;
  readonly #responses: (readonly ResponsePart[])[];
  readonly #texts: Scripted<string>[] | undefined;
  #paused = 0;

  /** `texts`: of the caller's utterances; undefined: the session gives none. */
  constructor(
    sleep: Sleep,
    responses: readonly (readonly ResponsePart[])[],
    texts?: readonly Scripted<string>[],
  ) {
    this.#sleep = sleep;
    this.#responses = [...responses];
    this.#texts = texts && [...texts];
  }

  open(): SpeechToSpeechSession {
    const isAvailable = (): boolean => this.available;
    return {
      get available() {
        return isAvailable();
      },
      speech: this.#speech(),
      reply: (_request, entries, signal) => this.#reply(entries, signal),
    };
  }

  check(): Promise<void> {
    return Promise.resolve();
  }

  #speech(): SpeechStream {
    const lineNow = (): LineListener | undefined => this.line;
    return {
      get line() {
        return lineNow();
      },
      hear: () => undefined,
      paused: (speech): TextRequest | undefined => {
        this.#paused = speech.length;
        const text = this.#texts?.shift();
        if (!text) return undefined;
        return async () => {
          await this.#sleep(text.afterMs);
          if (text.give instanceof Error) throw text.give;
          return text.give;
        };
      },
      continued: () => void this.retracted.push(this.#paused),
      finished: (turn) => void this.heard.push({ turn, samples: this.#paused }),
      discard: () => undefined,
      end: () => undefined,
    };
  }

  async *#reply(
    entries: readonly ConversationEntry[],
    signal: AbortSignal,
  ): AsyncGenerator<SpokenReplyPart, void, undefined> {
    this.shown.push(entries);
    signal.addEventListener('abort', () => (this.cancelled += 1));
    for (const { afterMs, words, audioMs, mulaw, fail, failsAlone } of this.#responses.shift() ?? []) {
      await this.#sleep(afterMs);
      if (signal.aborted) return;
      if (fail) {
        this.available = failsAlone === true;
        throw fail;
      }
      if (words !== undefined) yield { words };
      if (audioMs !== undefined) yield new Uint8Array(audioMs * 8).fill(0x22);
      if (mulaw) yield mulaw;
    }
  }
}
