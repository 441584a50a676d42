/** When the caller's voice began and was last heard, in call milliseconds. */
export interface VoicedTime {
  readonly startMs: number;
  readonly endMs: number;
}

/** What a service says of an utterance: it hears none, it is not over, or its turn has ended. */
export type HeardTurn = 'unheard' | 'open' | 'over';

/** A service that hears the caller's line all the time and decides where the caller's turns end. */
export interface LineListener {
  /**
   * Audio of the caller, silence too: μ-law at 8,000 Hz, only read until this returns. `fromMs`: call time of its first sample, not before
   * the end of what was heard. Gaps are silence.
   */
  hear(fromMs: number, mulaw: Uint8Array): void;
  /** The caller pauses, or has finished, after this utterance. */
  turnOf(voiced: VoicedTime): HeardTurn;
}
