import type { WarningSeen } from './phone/media-server.ts';

/** The side that ended a stream or a call. `refused`: it never began; `failed`: a request to the application failed. */
export type EndedBy = 'caller' | 'application' | 'line' | 'rest' | 'refused' | 'failed';

/** One utterance of the caller, in stream time. */
export interface SpeechReport {
  readonly startMs: number;
  readonly endMs: number;
  /** The assistant was speaking when the caller began, and went on for this long: the latency of a barge-in. */
  readonly talkedOverMs?: number | undefined;
  /** From the caller's last sample to the assistant's first one after it; absent when it did not answer. */
  readonly answeredAfterMs?: number | undefined;
}

export interface LoggedMessage {
  /** Stream time at the media server. */
  readonly atMs: number;
  readonly from: 'twilio' | 'application';
  readonly text: string;
}

export interface StreamReport {
  readonly streamSid: string;
  /** The stream's time 0, in milliseconds since the beginning of the call. */
  readonly startedAtMs: number;
  /** Stream time at the end of the stream. */
  readonly lengthMs: number;
  readonly endedBy: EndedBy;
  /** μ-law, sample exact from stream time 0: a dual recording at Twilio's media server. */
  readonly playedAssistant: Uint8Array;
  readonly callerTrack: Uint8Array;
  readonly speeches: readonly SpeechReport[];
  /** Every mark that Twilio returned, with its time. */
  readonly marks: readonly { readonly name: string; readonly atMs: number }[];
  readonly warnings: readonly WarningSeen[];
  /** Round trips of WebSocket pings in milliseconds. */
  readonly roundTripsMs: readonly number[];
  /** The stream time of the last ping that the application answered: it had read everything sent before. */
  readonly readUntilMs: number;
  /** Messages in both directions, as selected by `log`. */
  readonly log: readonly LoggedMessage[];
  /** The WebSocket's close code, or the HTTP status if the handshake was rejected. */
  readonly closeCode?: number;
}

export interface CallReport {
  readonly callSid: string;
  readonly streams: readonly StreamReport[];
  /** The TwiML documents, in order. */
  readonly twiml: readonly string[];
  /** What Twilio itself would have played: texts of `<Say>`, addresses of `<Play>`. */
  readonly said: readonly string[];
  readonly endedBy: EndedBy;
  readonly durationMs: number;
  /** Response time and status of each webhook. */
  readonly webhooks: readonly { readonly path: string; readonly status: number; readonly tookMs: number }[];
  /** Errors as sentences; empty if there were none. */
  readonly errors: readonly string[];
}

/** Events of a call for observers. Times are milliseconds since the beginning of the call. */
export type CallProgress = { readonly atMs: number } & (
  | { readonly kind: 'webhook'; readonly path: string; readonly status: number }
  | { readonly kind: 'stream'; readonly streamSid: string }
  | { readonly kind: 'caller'; readonly what: string }
  | { readonly kind: 'assistant'; readonly playing: boolean }
  | { readonly kind: 'ended'; readonly by: EndedBy }
);
