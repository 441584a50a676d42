/** How long a call waits for its next stream, in milliseconds, and what it keeps meanwhile. */

/** A ringing call waits this long for its stream: a token's lifetime and a margin. */
export const RINGING_MS = 65_000;
/** After a `stop`, Twilio says within this time whether the call continues. */
export const AFTER_STOP_MS = 1_500;
/** A stream that broke may be followed by a new one within this time. */
export const AFTER_BREAK_MS = 6_000;
/** A call that Twilio continues waits this long for its new stream. */
export const CONTINUING_MS = 15_000;
/** A recovered call waits this long for its caller. */
export const RECOVERED_MS = 30_000;
/** After Twilio reported the end of a call, its last frames may still arrive within this time. */
export const AFTER_COMPLETED_MS = 2_000;
/** The most calls that ring without a stream; beyond this the oldest is dropped. */
export const MAX_RINGING = 2_000;
/** The most untranscribed utterances kept per call whose audio is not recorded. */
export const MAX_UNTRANSCRIBED = 8;
