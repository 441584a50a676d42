import type {
  ConversationTurn,
  Replier,
  RETRACT,
  SpeechStream,
  StreamingTranscriber,
  Transcriber,
  Voice,
} from '../../src/call/ports.ts';

type Sleep = (ms: number) => Promise<void>;

/** An answer after a time; an Error is thrown. */
export interface Scripted<T> {
  readonly afterMs: number;
  readonly give: T | Error;
}

/** Gives the next text of its list for every utterance; when the list is at its end, an empty text at once. */
export class ScriptedTranscriber implements Transcriber {
  readonly asked: { readonly durationMs: number; readonly wavBytes: number }[] = [];
  readonly #sleep: Sleep;
  readonly #answers: Scripted<string>[];

  constructor(sleep: Sleep, answers: readonly Scripted<string>[]) {
    this.#sleep = sleep;
    this.#answers = [...answers];
  }

  async transcribe({ durationMs, wav }: { durationMs: number; wav: Uint8Array }): Promise<string> {
    this.asked.push({ durationMs, wavBytes: wav.length });
    const { afterMs, give } = this.#answers.shift() ?? { afterMs: 0, give: '' };
    await this.#sleep(afterMs);
    if (give instanceof Error) throw give;
    return give;
  }
}

/** What was asked of a scripted stream. */
interface StreamedRequest {
  readonly samples: number;
  /** How much of the utterance was heard before its text was requested. */
  readonly heardBefore: number;
  readonly continuesWhatWasHeard: boolean;
}

/** Gives the next text of its list for every utterance of a stream. */
export class ScriptedStreamingTranscriber implements StreamingTranscriber {
  readonly server = 'text.example';
  readonly requested: StreamedRequest[] = [];
  available = true;
  partialText = '';
  ended = false;
  readonly #sleep: Sleep;
  readonly #answers: Scripted<string>[];
  #heard: Uint8Array = new Uint8Array(0);

  constructor(sleep: Sleep, answers: readonly Scripted<string>[]) {
    this.#sleep = sleep;
    this.#answers = [...answers];
  }

  /** Samples of the utterance in progress. */
  get heard(): number {
    return this.#heard.length;
  }

  open(): SpeechStream {
    const discard = (): void => {
      this.#heard = new Uint8Array(0);
    };
    const partialText = (): string => this.partialText;
    return {
      get partialText() {
        return partialText();
      },
      hear: (speech) => (this.#heard = speech.slice()),
      paused: (speech) => {
        if (this.available) return () => this.transcribe(speech);
        discard();
        return undefined;
      },
      continued: () => undefined,
      finished: () => undefined,
      discard,
      end: () => (this.ended = true),
    };
  }

  async transcribe(speech: Uint8Array): Promise<string> {
    const heard = Buffer.from(this.#heard);
    const continuesWhatWasHeard = heard.equals(speech.subarray(0, heard.length));
    this.requested.push({ samples: speech.length, heardBefore: heard.length, continuesWhatWasHeard });
    this.#heard = new Uint8Array(0);
    const { afterMs, give } = this.#answers.shift() ?? { afterMs: 0, give: '' };
    await this.#sleep(afterMs);
    if (give instanceof Error) throw give;
    return give;
  }
}

/** A piece of a reply, after a time. */
export type ScriptedPiece = Scripted<string | typeof RETRACT>;

/** Writes the next reply of its list, each piece at its time; remembers the conversation that it was shown. */
export class ScriptedReplier implements Replier {
  readonly shown: (readonly ConversationTurn[])[] = [];
  readonly #sleep: Sleep;
  readonly #replies: (readonly ScriptedPiece[])[];

  constructor(sleep: Sleep, replies: readonly (readonly ScriptedPiece[])[]) {
    this.#sleep = sleep;
    this.#replies = [...replies];
  }

  async *reply(
    conversation: readonly ConversationTurn[],
    signal: AbortSignal,
  ): AsyncIterable<string | typeof RETRACT> {
    this.shown.push(conversation);
    for (const { afterMs, give } of this.#replies.shift() ?? []) {
      await this.#sleep(afterMs);
      if (signal.aborted) return;
      if (give instanceof Error) throw give;
      yield give;
    }
  }
}

export interface VoiceScript {
  /** Until the first sound of a text. */
  readonly firstMs: number;
  /** How long a text sounds; default 60 ms a character. */
  readonly soundMs?: (text: string) => number;
  /** Of each text this much is made, and then it fails. */
  readonly failAfterMs?: number;
  /** Texts of which it makes half a second, and then nothing more. */
  readonly stalls?: (text: string) => boolean;
  /** Texts for which it fails at once. */
  readonly refuses?: (text: string) => boolean;
}

/** Speaks at ten times the speed of sound heard, a fifth of a second at a time: every text in a code of its own. */
export class ScriptedVoice implements Voice {
  readonly asked: { readonly text: string; readonly atMs: number }[] = [];
  readonly #clock: { now(): number; sleep: Sleep };
  script: VoiceScript;
  /** How much sound it has made so far. */
  madeMs = 0;

  constructor(clock: { now(): number; sleep: Sleep }, script: VoiceScript) {
    this.#clock = clock;
    this.script = script;
  }

  async *speak(text: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
    this.asked.push({ text, atMs: this.#clock.now() });
    const { firstMs, soundMs, failAfterMs, stalls, refuses } = this.script;
    const lengthMs = soundMs?.(text) ?? text.length * 60;
    await this.#clock.sleep(firstMs);
    if (refuses?.(text)) throw new Error('the voice refuses the text');
    for (let madeMs = 0; madeMs < lengthMs; madeMs += 200) {
      if (signal.aborted) return;
      if (madeMs >= 500 && stalls?.(text)) await this.#clock.sleep(1e9);
      if (failAfterMs !== undefined && madeMs >= failAfterMs) throw new Error('the voice broke');
      this.madeMs += Math.min(200, lengthMs - madeMs);
      yield new Uint8Array(Math.min(200, lengthMs - madeMs) * 8).fill(0x21);
      await this.#clock.sleep(20);
    }
  }
}
