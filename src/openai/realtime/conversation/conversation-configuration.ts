import type { CallerSide } from './caller-side.ts';
import { type ConversationConfiguration, conversationUpdate } from './conversation-messages.ts';

/** What the error concerns. */
const LANGUAGE_REFUSAL = /\blanguages?\b/iu;
const TRANSCRIPTION_REFUSAL = /transcri/iu;
const DETECTION_REFUSAL = /turn_detection|turn detection|_vad\b/iu;
const FORMAT_REFUSAL = /\bformat\b|pcmu|g711/iu;

/** How a session of a conversation is configured; changes after refusals. */
export class ConversationConfigurator {
  readonly #wanted: ConversationConfiguration;
  readonly #caller: CallerSide;
  /** ISO 639-1. */
  #language: string | undefined;

  constructor(wanted: ConversationConfiguration, caller: CallerSide) {
    this.#wanted = wanted;
    this.#caller = caller;
    this.#language = wanted.transcription?.language;
  }

  get message(): string {
    const { instructions, voice, transcription: wanted } = this.#wanted;
    const language = this.#language;
    const transcription = this.#caller.transcribes && wanted ? { ...wanted, language } : undefined;
    return conversationUpdate(
      { instructions, voice, transcription },
      this.#caller.format,
      this.#caller.detection,
    );
  }

  /** True if it is another one after this refusal: without the language, without texts, with another or our own turn detection, or with PCM. */
  adapts(refusal: string): boolean {
    if (this.#language !== undefined && LANGUAGE_REFUSAL.test(refusal)) {
      this.#language = undefined;
      return true;
    }
    if (DETECTION_REFUSAL.test(refusal)) return this.#caller.detectionRefused();
    if (TRANSCRIPTION_REFUSAL.test(refusal) && this.#caller.transcriptionRefused()) return true;
    return FORMAT_REFUSAL.test(refusal) && this.#caller.formatRefused();
  }
}
