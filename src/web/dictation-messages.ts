import { z } from 'zod';

/** Ten minutes as browsers compress speech. */
export const LARGEST_CLIP_BYTES = 8 * 1024 * 1024;
/** As a message: base64, and what stands around it. */
export const LARGEST_CLIP_MESSAGE = Math.ceil(LARGEST_CLIP_BYTES / 3) * 4 + 256;
/** Sound of a stream that one message carries. */
export const LONGEST_MESSAGE_MS = 60_000;
/** What is larger than a clip may be is told so, up to here; beyond it the socket is closed (1009). */
export const LARGEST_DICTATION_MESSAGE = 32 * 1024 * 1024;

/** What a page says on `/ws`, one JSON object a message. */
export const fromMicrophone = z.discriminatedUnion('type', [
  /** From now on audio messages are parts of one stream of 16-bit little-endian samples, mono. */
  z.strictObject({
    type: z.literal('start'),
    encoding: z.literal('pcm16'),
    sampleRate: z.number().int().min(8_000, 'must be 8000 to 96000').max(96_000, 'must be 8000 to 96000'),
    /** Whether `progress` is wanted. */
    progress: z.boolean().optional(),
  }),
  /** A complete clip (WebM, Ogg, WAV, MP3, MP4 as browsers make them), or after `start` the next samples. */
  z.strictObject({ type: z.literal('audio'), audio: z.base64().min(4, 'must not be empty') }),
  /** The stream ends: what was being said is written down still. */
  z.strictObject({ type: z.literal('stop') }),
]);
export type FromMicrophone = z.infer<typeof fromMicrophone>;

/** What a page is told. Times are milliseconds since `start`. */
export type ToMicrophone =
  | { readonly type: 'status'; readonly message: string }
  /** What has been understood so far of an utterance that goes on. */
  | { readonly type: 'partial'; readonly text: string; readonly startMs: number; readonly endMs: number }
  | {
      readonly type: 'transcription';
      readonly text: string;
      readonly status: 'success';
      readonly startMs?: number;
      readonly endMs?: number;
    }
  /** Where it was asked for: all that was said before `untilMs` is written down, or was told not to be. */
  | { readonly type: 'progress'; readonly untilMs: number }
  /** With times: what was said there is not written down. */
  | { readonly type: 'error'; readonly message: string; readonly startMs?: number; readonly endMs?: number };
