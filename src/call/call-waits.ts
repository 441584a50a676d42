/** How long a call waits, in milliseconds. */
export const WAIT_MS = {
  /** A ringing call waits for its stream: a token's lifetime and a margin. */
  ringing: 65_000,
  /** After a `stop`, until Twilio says whether the call continues. */
  afterStop: 1_500,
  /** After a stream that broke, for a new one. */
  afterBreak: 6_000,
  /** A call that Twilio continues waits for its new stream. */
  continuing: 15_000,
  /** A recovered call waits for its caller. */
  recovered: 30_000,
  /** After Twilio reported the end of a call, for its last frames. */
  afterCompleted: 2_000,
} as const;

/** Calls that ring without a stream; beyond this the oldest is dropped. */
export const MAX_RINGING_CALLS = 2_000;
/** Untranscribed utterances per call whose audio is not recorded. */
export const MAX_UNTRANSCRIBED_UTTERANCES = 8;
