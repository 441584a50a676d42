/** What the core asks of the world around it. Times are milliseconds; audio is 8 kHz mono. */
import type { Container } from '../audio/container.ts';
import type { Speaker } from '../events/speaker.ts';

/** One caller's utterance as a recogniser wants it. */
export interface Utterance {
  /** A complete WAV file: 16-bit PCM, 8,000 Hz, mono. */
  readonly wav: Uint8Array;
  readonly durationMs: number;
}

/** Turns an utterance into text; an empty string means that nothing was said. */
export interface Transcriber {
  transcribe(utterance: Utterance, signal: AbortSignal): Promise<string>;
}

/** Turns a complete audio file, of a kind that services take, into text. */
export interface ClipTranscriber {
  transcribeClip(clip: Uint8Array, container: Container, signal: AbortSignal): Promise<string>;
}

/**
 * What was heard in the conversation so far; the assistant's words only as far as they were heard. `guidance`: what an
 * operator told the assistant, which nobody on the telephone heard.
 */
export interface ConversationTurn {
  readonly speaker: Speaker | 'guidance';
  readonly text: string;
}

/** Answers the caller: text in pieces, as it is written. */
export interface Replier {
  reply(conversation: readonly ConversationTurn[], signal: AbortSignal): AsyncIterable<string>;
}

/** Speaks a text: μ-law bytes at 8,000 Hz in pieces of any length, as they are made. */
export interface Voice {
  speak(text: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Sums a finished call up in a few sentences, from the transcript's lines; an empty string: it has nothing to say of it. */
export interface Summarizer {
  summarize(transcriptLines: readonly string[], signal: AbortSignal): Promise<string>;
}

/** The services a call may use; one that is not configured is absent. */
export interface Services {
  readonly transcriber?: Transcriber;
  readonly replier?: Replier;
  readonly voice?: Voice;
  readonly summarizer?: Summarizer;
  /** For the microphone's live transcription, which no call takes part in. */
  readonly dictation?: ClipTranscriber;
}

/** The live connection to the telephone. */
export interface Line {
  /** Plays μ-law audio after everything sent before it. Length: a multiple of 160 bytes. */
  sendAudio(mulaw: Uint8Array): void;
  /** Asks for `name` back when all audio before it has been played. */
  sendMark(name: string): void;
  /** Throws away what has not been played; every pending mark comes back. */
  clear(): void;
  /** Ends the telephone call. */
  hangUp(): void;
}

/** A service failed: which one, doing what, and why. */
export class ServiceError extends Error {
  readonly service: 'transcription' | 'chat' | 'speech' | 'telephony';
  /** Whether trying again could help. */
  readonly passing: boolean;
  /** What the service has against the request, in words for people; absent where it is down, late or busy. */
  readonly refusal: string | undefined;

  constructor(
    service: ServiceError['service'],
    doing: string,
    options: { cause?: unknown; passing: boolean; refusal?: string | undefined },
  ) {
    super(`${service} failed: ${doing}`, { cause: options.cause });
    this.name = 'ServiceError';
    this.service = service;
    this.passing = options.passing;
    this.refusal = options.refusal;
  }
}
