import { z } from 'zod';

/** Twilio Media Streams, as the server reads and writes them: https://www.twilio.com/docs/voice/media-streams/websocket-messages */

const streamSid = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/u);
const audio = z.base64().describe('μ-law at 8 kHz, base64');
const mark = z.object({ name: z.string().max(128) });

/** Messages of a telephone to the server. Twilio sends more fields. */
export const fromTelephone = z.discriminatedUnion('event', [
  z.looseObject({ event: z.literal('connected') }).describe('The first message.'),
  z
    .looseObject({
      event: z.literal('start'),
      start: z.looseObject({
        streamSid,
        callSid: z.string().regex(/^CA[0-9a-fA-F]{32}$/u),
        mediaFormat: z.looseObject({ encoding: z.literal('audio/x-mulaw') }).optional(),
        customParameters: z.record(z.string(), z.string()).describe('Contains the one-time token'),
      }),
    })
    .describe('The stream starts.'),
  z
    .looseObject({
      event: z.literal('media'),
      media: z.looseObject({
        track: z.literal('inbound').optional(),
        timestamp: z.union([z.string(), z.int()]).describe('Milliseconds since the start of the stream'),
        payload: audio,
      }),
    })
    .describe('20 ms of audio of the caller.'),
  z
    .looseObject({
      event: z.literal('dtmf'),
      dtmf: z.looseObject({ digit: z.string().regex(/^[0-9A-D*#]$/u) }),
    })
    .describe('A pressed key.'),
  z.looseObject({ event: z.literal('mark'), mark }).describe('A mark was played or cleared.'),
  z.looseObject({ event: z.literal('stop') }).describe('The stream ends.'),
]);

/** Messages of the server to a telephone. */
export const toTelephone = z.discriminatedUnion('event', [
  z
    .object({ event: z.literal('media'), streamSid, media: z.object({ payload: audio }) })
    .describe('Audio, played in the order received.'),
  z
    .object({ event: z.literal('mark'), streamSid, mark })
    .describe('Returned when the audio sent before it has been played.'),
  z.object({ event: z.literal('clear'), streamSid }).describe('Discards audio that has not been played.'),
]);
