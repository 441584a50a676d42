import { SAMPLES_PER_MS } from '../../audio/telephone.ts';

/** Twilio plays many tiny messages with gaps. */
export const LEAST_MESSAGE_BYTES = 480;
/**
 * Audio that starts on an empty queue is held back until this much is there or the delay of its voice has passed: otherwise its first
 * words have gaps, and no mark can date such a gap to the millisecond.
 */
export const HEAD_START_BYTES = 1_600;
/** The delay of an unknown voice, and the longest one: the caller waits. */
const MAX_PLAYOUT_DELAY_MS = 100;
/** With this much audio ahead, the end of what is there is held back. */
const RESERVE_MS = 150;

/** Audio of a piece that waits to be sent. */
export interface WaitingAudio {
  readonly bytes: number;
  /** When its first audio came. */
  readonly firstAtMs?: number | undefined;
  /** How long its audio is held back on an empty queue; undefined: its voice is not known. */
  readonly playoutDelayMs: number | undefined;
}

/** Whether audio may start on an empty queue. A piece that has begun does not wait again. */
export function mayStart(
  { bytes, firstAtMs = 0, playoutDelayMs = Infinity }: WaitingAudio,
  atMs: number,
): boolean {
  return bytes >= HEAD_START_BYTES || atMs - firstAtMs >= Math.min(playoutDelayMs, MAX_PLAYOUT_DELAY_MS);
}

/**
 * The end of what is there is held back until the piece is complete, so that its last message is a full one and its mark follows it;
 * nothing is held back if the queue might run empty meanwhile. A mark then precedes each message.
 */
export function heldBack({ bytes }: WaitingAudio, leadOnArrivalMs: number): number {
  const reserveMs = leadOnArrivalMs + (bytes - LEAST_MESSAGE_BYTES) / SAMPLES_PER_MS;
  return reserveMs < RESERVE_MS ? 0 : LEAST_MESSAGE_BYTES;
}
