import { z } from 'zod';

/** Ten minutes of compressed speech. */
export const LARGEST_CLIP_BYTES = 8 * 1024 * 1024;
/** The size of its message: base64 and the envelope. */
export const LARGEST_CLIP_MESSAGE = Math.ceil(LARGEST_CLIP_BYTES / 3) * 4 + 256;
/** The most audio of a stream in one message. */
export const LONGEST_MESSAGE_MS = 60_000;
/** Larger clips up to this size are answered with an error; beyond it the socket is closed (1009). */
export const LARGEST_DICTATION_MESSAGE = 32 * 1024 * 1024;

/** Bounds of the length of chunks; services transcribe shorter sound badly. */
export const SHORTEST_CHUNK_SECONDS = 1;
export const LONGEST_CHUNK_SECONDS = 30;
const CHUNK_RANGE = `must be ${SHORTEST_CHUNK_SECONDS} to ${LONGEST_CHUNK_SECONDS} seconds; leave it out for one text per utterance`;

/** Messages of a page on `/ws`, one JSON object each. */
export const fromMicrophone = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('start'),
      encoding: z.literal('pcm16'),
      sampleRate: z.number().int().min(8_000, 'must be 8000 to 96000').max(96_000, 'must be 8000 to 96000'),
      progress: z.boolean().optional().describe('Whether to send `progress`'),
      chunkSeconds: z
        .number(CHUNK_RANGE)
        .min(SHORTEST_CHUNK_SECONDS, CHUNK_RANGE)
        .max(LONGEST_CHUNK_SECONDS, CHUNK_RANGE)
        .optional()
        .describe(
          'The longest part that is transcribed by itself, in seconds. Absent: live, a text per utterance with partial texts before it',
        ),
    })
    .describe('From now on audio messages are parts of one stream of 16-bit little-endian samples, mono.'),
  z
    .strictObject({ type: z.literal('audio'), audio: z.base64().min(4, 'must not be empty') })
    .describe(
      'A complete clip (WebM, Ogg, WAV, MP3, MP4 as browsers make them), or after `start` the next samples; base64.',
    ),
  z
    .strictObject({ type: z.literal('stop') })
    .describe('The stream ends; the current utterance is still transcribed.'),
]);
export type FromMicrophone = z.infer<typeof fromMicrophone>;

/** Messages to a page. Times are milliseconds since `start`. */
export const toMicrophone = z.discriminatedUnion('type', [
  z
    .object({ type: z.literal('status'), message: z.string() })
    .describe(
      'The state of the transcription: `ready`; `Processing audio...` for a clip; `listening` and `stopped` for a stream; or why it is impossible.',
    ),
  z
    .object({ type: z.literal('partial'), text: z.string(), startMs: z.number(), endMs: z.number() })
    .describe('The text so far of an unfinished utterance.'),
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
    .describe('If requested: everything before `untilMs` is transcribed or reported as failed.'),
  z
    .object({
      type: z.literal('error'),
      message: z.string(),
      startMs: z.number().exactOptional().describe('Start of the audio that is not transcribed'),
      endMs: z.number().exactOptional(),
    })
    .describe('A message was not accepted, or the service failed; the socket stays open.'),
]);
export type ToMicrophone = Readonly<z.infer<typeof toMicrophone>>;
