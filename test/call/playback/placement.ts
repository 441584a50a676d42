import { encodeMulaw } from '../../../src/audio/mulaw.ts';
import { MULAW_SILENCE } from '../../../src/audio/telephone.ts';
import type { CallEvent } from '../../../src/events/call-events.ts';
import { layOutAudio } from '../../../src/records/recording/audio-timeline.ts';
import { reconstructCall } from '../../../src/records/reconstruct-call.ts';
import type { ReconstructedCall } from '../../../src/records/reconstructed-call.ts';

/** The assistant's side of the recording that these events make, as μ-law from call time 0. */
export function recordedAssistant(events: readonly CallEvent[]): {
  reading: ReconstructedCall;
  mulaw: Buffer;
} {
  const reading = reconstructCall(events)!;
  const blocks: Uint8Array[] = [];
  for (const { assistant } of layOutAudio(reading, events)) blocks.push(encodeMulaw(assistant));
  return { reading, mulaw: Buffer.concat(blocks) };
}

export interface Placement {
  /** Recorded minus played, milliseconds, one for each 20 ms that was both played and recorded. */
  readonly offMs: readonly number[];
  readonly framesPlayed: number;
  /** For what was said before each `clear`, and after the last one: recorded minus played, 20 ms frames. */
  readonly cutOffFrames: readonly number[];
}

const FRAME = 160;
/** So few bytes of traceable audio are found in one place only. */
const NEEDLE = 12;

/** Compares where each 20 ms of traceable audio that was sent lies in what was played and in what was recorded. */
export function placementOf(events: readonly CallEvent[], played: Uint8Array, recorded: Buffer): Placement {
  const track = Buffer.from(played);
  const offMs: number[] = [];
  let framesPlayed = 0;
  const cutOffFrames = [0];
  for (const event of events) {
    if (event.kind === 'clear') cutOffFrames.push(0);
    if (event.kind !== 'sent') continue;
    for (let at = 0; at + FRAME <= event.mulaw.length; at += FRAME) {
      const frame = event.mulaw.subarray(at, at + NEEDLE);
      if (frame.includes(MULAW_SILENCE)) continue;
      const truly = track.indexOf(frame);
      const kept = recorded.indexOf(frame);
      if (truly >= 0) framesPlayed += 1;
      if (truly >= 0 && kept >= 0) offMs.push((kept - truly) / 8);
      else if (truly >= 0) cutOffFrames.push(cutOffFrames.pop()! - 1);
      else if (kept >= 0) cutOffFrames.push(cutOffFrames.pop()! + 1);
    }
  }
  return { offMs, framesPlayed, cutOffFrames };
}

/** The one that is farthest from 0. */
export function worst(numbers: readonly number[]): number {
  return numbers.reduce((most, one) => (Math.abs(one) > Math.abs(most) ? one : most), 0);
}
