import type { WarningSeen } from './phone/media-server.ts';

/** Who ended a stream or a call. `refused`: it never began; `failed`: a request to the application failed. */
export type EndedBy = 'caller' | 'application' | 'line' | 'rest' | 'refused' | 'failed';

/** One thing that the caller said, in stream time. */
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
  /** The stream's time 0 since the beginning of the call. */
  readonly startedAtMs: number;
  /** Stream time at its end. */
  readonly lengthMs: number;
  readonly endedBy: EndedBy;
  /** μ-law, sample exact from stream time 0: a dual recording at Twilio's media server. */
  readonly playedAssistant: Uint8Array;
  readonly callerTrack: Uint8Array;
  readonly speeches: readonly SpeechReport[];
  /** Every mark that came back, and when it did. */
  readonly marks: readonly { readonly name: string; readonly atMs: number }[];
  readonly warnings: readonly WarningSeen[];
  /** Round trips of WebSocket pings in milliseconds. */
  readonly roundTripsMs: readonly number[];
  /** All that was sent before this stream time had been read by the application when it last answered a ping. */
  readonly readUntilMs: number;
  /** Messages both ways, as far as `log` asked for them. */
  readonly log: readonly LoggedMessage[];
  /** The WebSocket's close code; the HTTP status when the handshake was refused. */
  readonly closeCode?: number;
}

export interface CallReport {
  readonly callSid: string;
  readonly streams: readonly StreamReport[];
  /** The TwiML documents, in order. */
  readonly twiml: readonly string[];
  /** What Twilio itself would have said or played: texts of `<Say>`, addresses of `<Play>`. */
  readonly said: readonly string[];
  readonly endedBy: EndedBy;
  readonly durationMs: number;
  /** Time to the answer of each webhook, with its status. */
  readonly webhooks: readonly { readonly path: string; readonly status: number; readonly tookMs: number }[];
  /** What went wrong, in words; empty when nothing did. */
  readonly troubles: readonly string[];
}

/** What happens during a call, for whoever watches. Times are since the beginning of the call. */
export type CallProgress = { readonly atMs: number } & (
  | { readonly kind: 'webhook'; readonly path: string; readonly status: number }
  | { readonly kind: 'stream'; readonly streamSid: string }
  | { readonly kind: 'caller'; readonly what: string }
  | { readonly kind: 'assistant'; readonly playing: boolean }
  | { readonly kind: 'ended'; readonly by: EndedBy }
);
