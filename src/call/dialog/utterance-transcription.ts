import { decodeMulaw } from '../../audio/mulaw.ts';
import { writeWav } from '../../audio/wav/wav.ts';
import type { CallEvent, OperatorUtterance } from '../../events/call-events.ts';
import type { Utterance } from '../ports.ts';
import type { Conversation } from './conversation.ts';
import type { ServiceCalls } from './service-calls.ts';

/** Utterances whose text is awaited at once; further ones get theirs when the call is finished. */
const TEXTS_AWAITED = 12;

/** What was said in one go: call milliseconds, and the sound of it. */
export interface SpokenTurn {
  readonly startMs: number;
  readonly endMs: number;
  readonly mulaw: Uint8Array;
  /** An operator's; absent: the caller's. */
  readonly operator?: OperatorUtterance;
}

export interface UtteranceTranscriptionOptions {
  /** Turns that were there before. */
  readonly turns: number;
  readonly conversation: Conversation;
  /** Whom texts are asked of; absent where nobody transcribes. */
  readonly desk?: ServiceCalls;
  readonly now: () => number;
  note(event: CallEvent): void;
  /** An utterance without a text, now or for good. */
  leftOver(turn: number, utterance: Utterance): void;
  textCame(turn: number, result: string | Error, atMs: number): void;
}

/** The caller's utterances, and an operator's: each is numbered, written down, and its text asked for and awaited. */
export class UtteranceTranscription {
  readonly #parts: UtteranceTranscriptionOptions;
  readonly #cancels = new Map<number, () => void>();
  #turns: number;
  /** Are called when no text is outstanding. */
  #onSettled: (() => void)[] = [];

  constructor(parts: UtteranceTranscriptionOptions) {
    this.#parts = parts;
    this.#turns = parts.turns;
  }

  /** Resolves when no text is outstanding. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#onSettled.push(resolve);
      this.#tellIfSettled();
    });
  }

  /** Gives the turn's number, and what asks for its text, where it is to be asked for now. */
  enter(spoken: SpokenTurn, atMs: number): { readonly turn: number; readonly ask?: () => void } {
    const turn = (this.#turns += 1);
    const { startMs, endMs, mulaw, operator } = spoken;
    const { desk, conversation } = this.#parts;
    const asked = desk !== undefined && this.#cancels.size < TEXTS_AWAITED;
    this.#parts.note({ kind: 'utterance', atMs, turn, startMs, endMs, ...(operator && { operator }), asked });
    conversation.utterance(turn, atMs, operator ? 'operator' : 'caller');
    const wav = writeWav(decodeMulaw(mulaw), 8_000, 1);
    const utterance: Utterance = { wav, durationMs: mulaw.length / 8 };
    if (!asked) {
      this.#parts.leftOver(turn, utterance);
      return { turn };
    }
    return { turn, ask: () => this.#ask(desk, turn, utterance) };
  }

  /** Nobody waits for texts any more. */
  giveUp(): void {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
    this.#tellIfSettled();
  }

  #ask(desk: ServiceCalls, turn: number, utterance: Utterance): void {
    const cancel = desk.transcribe(utterance, turn, (result) => this.#textCame(turn, utterance, result));
    this.#cancels.set(turn, cancel);
  }

  #textCame(turn: number, utterance: Utterance, result: string | Error): void {
    this.#cancels.delete(turn);
    const atMs = this.#parts.now();
    if (result instanceof Error) {
      this.#parts.note({ kind: 'no-text', atMs, turn, reason: result.message, final: false });
      this.#parts.leftOver(turn, utterance);
    } else {
      this.#parts.note({ kind: 'text', atMs, turn, text: result });
      this.#parts.conversation.text(turn, result);
    }
    this.#parts.textCame(turn, result, atMs);
    this.#tellIfSettled();
  }

  #tellIfSettled(): void {
    if (this.#cancels.size > 0) return;
    const waiting = this.#onSettled;
    this.#onSettled = [];
    for (const resolve of waiting) resolve();
  }
}
