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
  z
    .strictObject({
      type: z.literal('start'),
      encoding: z.literal('pcm16'),
      sampleRate: z.number().int().min(8_000, 'must be 8000 to 96000').max(96_000, 'must be 8000 to 96000'),
      progress: z.boolean().optional().describe('Whether `progress` is wanted'),
    })
    .describe('From now on audio messages are parts of one stream of 16-bit little-endian samples, mono.'),
  z
    .strictObject({ type: z.literal('audio'), audio: z.base64().min(4, 'must not be empty') })
    .describe(
      'A complete clip (WebM, Ogg, WAV, MP3, MP4 as browsers make them), or after `start` the next samples; base64.',
    ),
  z
    .strictObject({ type: z.literal('stop') })
    .describe('The stream ends: what was being said is written down still.'),
]);
export type FromMicrophone = z.infer<typeof fromMicrophone>;

/** What a page is told. Times are milliseconds since `start`. */
export const toMicrophone = z.discriminatedUnion('type', [
  z.object({ type: z.literal('status'), message: z.string() }).describe('How the transcription stands.'),
  z
    .object({ type: z.literal('partial'), text: z.string(), startMs: z.number(), endMs: z.number() })
    .describe('What has been understood so far of an utterance that goes on.'),
  z
    .object({
      type: z.literal('transcription'),
      text: z.string(),
      status: z.literal('success'),
      startMs: z.number().exactOptional().describe('Milliseconds since `start`; clips have none'),
      endMs: z.number().exactOptional(),
    })
    .describe('The text of a clip, or of an utterance.'),
  z
    .object({ type: z.literal('progress'), untilMs: z.number() })
    .describe(
      'Where it was asked for: all that was said before `untilMs` is written down, or was told not to be.',
    ),
  z
    .object({
      type: z.literal('error'),
      message: z.string(),
      startMs: z.number().exactOptional().describe('What was said from here on is not written down'),
      endMs: z.number().exactOptional(),
    })
    .describe('Something was not taken, or the service did not answer; the socket lives on.'),
]);
export type ToMicrophone = Readonly<z.infer<typeof toMicrophone>>;
