/** The interfaces that the core needs from services and the line. Times are milliseconds; audio is 8 kHz mono. */
import type { Container } from '../audio/container.ts';
import type { Speaker } from '../events/speaker.ts';
import type { LineListener, VoicedTime } from './line-listener.ts';

/** One utterance as a recogniser takes it. */
export interface Utterance {
  /** A complete WAV file: 16-bit PCM, mono; 8,000 Hz in calls, 16,000 Hz in dictation. */
  readonly wav: Uint8Array;
  readonly durationMs: number;
}

/** What every service has. */
export interface Service {
  /** Host and port of its server, for reports. */
  readonly server?: string | undefined;
  /** Lets the server load its model, if it may have unloaded it. Called while a phone rings. Never throws. */
  wake?(): void;
}

/** Transcribes an utterance; an empty string means that nothing was said. */
export interface Transcriber extends Service {
  transcribe(utterance: Utterance, signal: AbortSignal): Promise<string>;
}

/** Sends a request for a text. Rejects with a `ServiceError`. */
export type TextRequest = (signal: AbortSignal) => Promise<string>;

/** The speech of one caller, on its way to a service while it is spoken. */
export interface SpeechStream {
  /** Undefined: the service does not decide where turns end, or not any more. */
  readonly line?: LineListener | undefined;
  /** The utterance in progress from its beginning on, longer each time: μ-law at 8,000 Hz. Only read until this returns. */
  hear(speech: Uint8Array): void;
  /** The words of the utterance in progress that the service has sent while its text is not complete. They may still change. */
  readonly partialText?: string | undefined;
  /**
   * The caller pauses after this speech, which begins with what was heard of the utterance. What is heard next is another utterance,
   * or, after `continued`, this one again from its beginning on. Returns what requests its text; undefined: this service gives none.
   */
  paused(speech: Uint8Array, voiced: VoicedTime): TextRequest | undefined;
  /** The caller goes on after a pause. */
  continued(): void;
  /** The utterance, as it was at its last pause, is this turn. */
  finished(turn: number): void;
  /** What was heard since the last pause is not an utterance, or no text is requested of it. */
  discard(): void;
  /** No utterance follows; texts in progress still arrive. */
  end(): void;
}

/** Transcribes speech while it is spoken, so that its text is known sooner. What fails here is requested of the `Transcriber`. */
export interface StreamingTranscriber extends Service {
  /** For one call. */
  open(): SpeechStream;
  /** Transcribes a complete utterance, μ-law at 8,000 Hz. Rejects with a `ServiceError`. */
  transcribe(speech: Uint8Array, signal: AbortSignal): Promise<string>;
}

/** Transcribes utterances of a microphone, and complete audio files, whose texts are returned unchanged. */
export interface DictationTranscriber extends Transcriber {
  transcribeClip(clip: Uint8Array, container: Container, signal: AbortSignal): Promise<string>;
}

/** What one voice said without a break. Milliseconds since the start of the sound. */
export interface SpokenSegment {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  /** The service's label of the voice; absent if it gave none. */
  readonly speaker?: string | undefined;
}

/** Transcribes recordings, and tells their voices apart. */
export interface SpeakerTranscriber {
  /** False once the service has shown that it tells no voices apart. */
  readonly mayTellSpeakers: boolean;
  /** Several minutes at most; labels are valid within one sound. Undefined if the service cannot tell its voices apart. */
  transcribeSpeakers(sound: Utterance, signal: AbortSignal): Promise<readonly SpokenSegment[] | undefined>;
}

/**
 * One entry of the conversation; the assistant's words only as far as they were heard. `guidance`: an operator's instruction to
 * the assistant, which the caller did not hear.
 */
export interface ConversationTurn {
  readonly speaker: Speaker | 'guidance';
  readonly text: string;
}

/** How much of a response of a speech-to-speech model was heard. */
export interface SpokenPlace {
  /** As in `SpeechToSpeechSession.reply`. */
  readonly request: number;
  /** From the beginning of its audio on, at 8,000 Hz. */
  readonly heardSamples: number;
}

/** One entry of the conversation, for a model with a memory of its own. */
export interface ConversationEntry {
  /** The same in every list: `turn 3` of the caller or an operator, `reply 2`, or `note 1`. */
  readonly id: string;
  readonly speaker: ConversationTurn['speaker'];
  /** Undefined: it is not known yet. */
  readonly text: string | undefined;
  /** Of a reply that the model spoke. */
  readonly spoken?: SpokenPlace | undefined;
}

/** A part of a spoken reply: μ-law at 8,000 Hz, or more of its words. */
export type SpokenReplyPart = Uint8Array | { readonly words: string };

/** The conversation with one caller, in a session of a speech-to-speech model. */
export interface SpeechToSpeechSession {
  /** False: it has failed, and the call goes on without it. */
  readonly available: boolean;
  /** The caller's speech. */
  readonly speech: SpeechStream;
  /**
   * Requests the reply to what the caller has said. `request`: its number in the call; `entries`: the conversation so far, to which the
   * model's memory is corrected before. Throws a `ServiceError`, also after a part of the reply. Ends without an error if `signal` aborts it.
   */
  reply(
    request: number,
    entries: readonly ConversationEntry[],
    signal: AbortSignal,
  ): AsyncIterable<SpokenReplyPart>;
}

/** A model that hears callers and speaks the replies. What fails here is done by the other services. */
export interface SpeechToSpeech extends Service {
  /** For one call. */
  open(): SpeechToSpeechSession;
  /** Whether a session can be opened; requests no reply, which would cost money. Rejects with a `ServiceError`. */
  check(signal: AbortSignal): Promise<void>;
}

/** Everything that was yielded so far is not part of the reply: the model's thoughts, for example. */
export const RETRACT = Symbol('retract');

/** Judges by the sound whether a caller who pauses has finished. */
export interface EndOfTurnModel extends Service {
  /** False: it has failed repeatedly, and is not asked for a while. */
  readonly isAvailable: boolean;
  /** The probability (0 to 1) that nothing more follows this speech, μ-law at 8,000 Hz. Rejects with a `ServiceError`, also if it is late. */
  probability(speech: Uint8Array, signal: AbortSignal): Promise<number>;
}

/** Writes the reply to the caller; yields text as it is written. */
export interface Replier extends Service {
  reply(
    conversation: readonly ConversationTurn[],
    signal: AbortSignal,
  ): AsyncIterable<string | typeof RETRACT>;
}

/** The words that a voice really spoke, where they differ from the text. */
export interface SpokenWords {
  readonly spoken: string;
}

/** Synthesises a text; yields μ-law at 8,000 Hz in chunks of any length, and at its end the words, if they are not those of the text. */
export interface Voice extends Service {
  /** How long its audio is to be held back at its beginning, so that it does not run out; undefined: unknown. */
  readonly playoutDelayMs?: number | undefined;
  speak(text: string, signal: AbortSignal): AsyncIterable<Uint8Array | SpokenWords>;
}

/** Summarises a finished call in a few sentences from the transcript's lines; an empty string means no summary. */
export interface Summarizer {
  summarize(transcriptLines: readonly string[], signal: AbortSignal): Promise<string>;
}

/** The configured services. */
export interface Services {
  readonly transcriber?: Transcriber | undefined;
  /** For what callers say; never without a `transcriber`. */
  readonly streamingTranscriber?: StreamingTranscriber | undefined;
  readonly endOfTurnModel?: EndOfTurnModel | undefined;
  readonly replier?: Replier | undefined;
  readonly voice?: Voice | undefined;
  /** If it is there, it replies to callers, and the services above are for what it cannot do. */
  readonly speechToSpeech?: SpeechToSpeech | undefined;
  readonly summarizer?: Summarizer | undefined;
  /** For live transcription of the microphone; calls do not use it. */
  readonly dictation?: DictationTranscriber | undefined;
  /** For recordings of the microphone; calls have a track for each side. */
  readonly speakers?: SpeakerTranscriber | undefined;
}

/** The live connection to the telephone. */
export interface Line {
  /** Plays μ-law audio after everything sent before it. Length: a multiple of 160 bytes. */
  sendAudio(mulaw: Uint8Array): void;
  /** Requests the return of `name` when all audio before it has been played. */
  sendMark(name: string): void;
  /** Drops all audio that has not been played; every pending mark returns. */
  clear(): void;
  /** Ends the telephone call. */
  hangUp(): void;
}

/** What is known about the failure of a service, beyond the sentence. */
export interface FailureDetails {
  /** Host and port of the server. */
  readonly server?: string | undefined;
  /** The HTTP status; undefined if no response arrived, or the error was inside a successful response. */
  readonly status?: number | undefined;
  /** The server's own code, for example `model_not_found`. */
  readonly code?: string | undefined;
  /** The server's own message, shortened, or the message of the network failure. */
  readonly said?: string | undefined;
}

/** A service failed: which one, during which operation, and why. */
export class ServiceError extends Error {
  readonly service:
    | 'transcription'
    | 'streaming-transcription'
    | 'end-of-turn'
    | 'chat'
    | 'speech'
    | 'speech-to-speech'
    | 'telephony';
  /** True if a retry could succeed. */
  readonly transient: boolean;
  /** Why the service refuses the request, for people; undefined if it is unreachable, late or busy. */
  readonly refusal: string | undefined;
  readonly details: FailureDetails;

  constructor(
    service: ServiceError['service'],
    doing: string,
    options: {
      readonly cause?: unknown;
      readonly transient: boolean;
      readonly refusal?: string | undefined;
      readonly details?: FailureDetails | undefined;
    },
  ) {
    super(`${service} failed: ${doing}`, { cause: options.cause });
    this.name = 'ServiceError';
    this.service = service;
    this.transient = options.transient;
    this.refusal = options.refusal;
    this.details = options.details ?? {};
  }
}
