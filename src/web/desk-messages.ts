import { z } from 'zod';
import { AUDIO_FORMATS, type AudioFormat } from '../audio/formats/formats.ts';
import type { Speaker } from '../call/ports.ts';
import type { TranscriptTurn } from '../recording/transcript.ts';
import { callSid } from './call-queries.ts';

/** A second of μ-law at most in one message, as base64. */
const LONGEST_SOUND = 12_000;

/** What a browser at the desk may say, one JSON object a message. */
export const fromDesk = z.discriminatedUnion('type', [
  /** Whether calls may ring here. */
  z.strictObject({ type: z.literal('available'), available: z.boolean() }),
  /** The transcript of a call, as it grows, is sent from now on; or no more. */
  z.strictObject({ type: z.literal('watch'), callSid }),
  z.strictObject({ type: z.literal('unwatch'), callSid }),
  /** The sound of a call, both sides. */
  z.strictObject({ type: z.literal('listen'), callSid, on: z.boolean() }),
  z.strictObject({ type: z.literal('takeOver'), callSid }),
  z.strictObject({ type: z.literal('handBack'), callSid }),
  z.strictObject({ type: z.literal('hangUp'), callSid }),
  /** The microphone of whoever took the call over: μ-law at 8 kHz, base64. */
  z.strictObject({ type: z.literal('speak'), callSid, mulaw: z.base64().max(LONGEST_SOUND) }),
  /** Told to the assistant for its next reply. */
  z.strictObject({ type: z.literal('guide'), callSid, text: z.string().trim().min(1).max(2_000) }),
  z.strictObject({ type: z.literal('setFormat'), callSid, format: z.enum(AUDIO_FORMATS) }),
]);
export type FromDesk = z.infer<typeof fromDesk>;

/** A live call as the desk shows it. */
export interface DeskCall {
  readonly callSid: string;
  readonly from: string;
  readonly to: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** `between`: its stream broke and it may go on. */
  readonly state:
    'ringing' | 'greeting' | 'listening' | 'thinking' | 'speaking' | 'operator' | 'ending' | 'between';
  readonly format: AudioFormat;
  /** What was said last, and by whom. */
  readonly lastWords?: { readonly speaker: Speaker; readonly text: string };
  /** Who holds it. */
  readonly operator?: 'you' | 'another';
}

/** What the desk is told. */
export type ToDesk =
  /** First of all. `operatorId`: with `?operator=` a browser that comes back within 5 s keeps the calls it holds. */
  | { readonly type: 'welcome'; readonly operatorId: string; readonly calls: readonly DeskCall[] }
  /** A call that is new, or has changed. */
  | { readonly type: 'call'; readonly call: DeskCall }
  | { readonly type: 'gone'; readonly callSid: string }
  /** Turns of a watched call that are new or have changed, by their `id`; all there are at first. */
  | { readonly type: 'turns'; readonly callSid: string; readonly turns: readonly TranscriptTurn[] }
  /** Sound of a call that is listened to: where it is heard in the call, μ-law at 8 kHz as base64. */
  | {
      readonly type: 'sound';
      readonly callSid: string;
      readonly speaker: Speaker;
      readonly callMs: number;
      readonly mulaw: string;
    }
  /** What was sent of our side's sound and has not been heard yet never will be. */
  | { readonly type: 'cut'; readonly callSid: string }
  /** Something asked for was not done; `about`: the message's type. */
  | { readonly type: 'error'; readonly message: string; readonly about?: string };
