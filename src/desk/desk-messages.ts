import { z } from 'zod';
import { AUDIO_FORMATS } from '../audio/formats/formats.ts';
import { callSid } from '../http/call-sid-schema.ts';
import { speakerSchema, turnSchema } from './turn-schema.ts';

/** A second of μ-law at most in one message, as base64. */
const LONGEST_SOUND = 12_000;

/** What a browser at the desk may say, one JSON object a message. */
export const fromDesk = z.discriminatedUnion('type', [
  z
    .strictObject({ type: z.literal('available'), available: z.boolean() })
    .describe('Whether calls may ring here.'),
  z
    .strictObject({ type: z.literal('watch'), callSid })
    .describe('The transcript of a call, as it grows, is sent from now on.'),
  z.strictObject({ type: z.literal('unwatch'), callSid }).describe('It is sent no more.'),
  z
    .strictObject({ type: z.literal('listen'), callSid, on: z.boolean() })
    .describe('The sound of a call, both sides, is sent from now on; or no more.'),
  z.strictObject({ type: z.literal('takeOver'), callSid }).describe('The assistant falls silent; speak.'),
  z
    .strictObject({ type: z.literal('decline'), callSid })
    .describe(
      'A call that rings does not ring here any longer. If no other available operator is left, the assistant answers.',
    ),
  z.strictObject({ type: z.literal('handBack'), callSid }).describe('The assistant goes on.'),
  z.strictObject({ type: z.literal('hangUp'), callSid }).describe('Ends the call.'),
  z
    .strictObject({ type: z.literal('speak'), callSid, mulaw: z.base64().max(LONGEST_SOUND) })
    .describe('Audio of the operator who holds the call: μ-law at 8 kHz, base64.'),
  z
    .strictObject({ type: z.literal('guide'), callSid, text: z.string().trim().min(1).max(2_000) })
    .describe('Told to the assistant for its next reply. The model may read it out to the caller.'),
  z
    .strictObject({ type: z.literal('setFormat'), callSid, format: z.enum(AUDIO_FORMATS) })
    .describe('The format of the recording.'),
]);
export type FromDesk = z.infer<typeof fromDesk>;

const deskCall = z
  .object({
    callSid: z.string(),
    from: z.string(),
    to: z.string(),
    startedAt: z.string().describe('ISO 8601'),
    state: z
      .enum(['ringing', 'greeting', 'listening', 'thinking', 'speaking', 'operator', 'ending', 'between'])
      .describe('`between`: its stream broke and it may go on; `ringing` without `bell`: it has no line yet'),
    format: z.enum(AUDIO_FORMATS),
    bell: z.literal(true).optional().describe('The call rings at the desk until an operator takes it over'),
    declined: z.literal(true).optional().describe('This operator has declined the call that rings'),
    assisted: z
      .literal(true)
      .optional()
      .describe('An assistant follows instructions, now or after the hand-back'),
    lastWords: z
      .object({ speaker: speakerSchema, text: z.string() })
      .readonly()
      .optional()
      .describe('The latest words'),
    partialText: z
      .string()
      .optional()
      .describe(
        'What the caller is saying now, as far as it is understood. It may still change, and is sent four times a second at most',
      ),
    operator: z.enum(['you', 'another']).optional().describe('Who holds it'),
  })
  .readonly();
/** A live call as the desk shows it. */
export type DeskCall = z.infer<typeof deskCall>;

/** Messages to the desk. */
export const toDesk = z.discriminatedUnion('type', [
  z
    .object({
      type: z.literal('welcome'),
      operatorId: z.string(),
      calls: z.array(deskCall).readonly(),
    })
    .describe(
      'First of all. With `?operator=<operatorId>` a browser that comes back within 5 s keeps the calls it holds.',
    ),
  z.object({ type: z.literal('call'), call: deskCall }).describe('A call that is new, or has changed.'),
  z.object({ type: z.literal('gone'), callSid: z.string() }).describe('A call is over.'),
  z
    .object({ type: z.literal('turns'), callSid: z.string(), turns: z.array(turnSchema).readonly() })
    .describe('Turns of a watched call that are new or have changed, by their `id`; all there are at first.'),
  z
    .object({
      type: z.literal('sound'),
      callSid: z.string(),
      speaker: speakerSchema,
      callMs: z.number().describe('Where it is heard in the call'),
      mulaw: z.string().describe('μ-law at 8 kHz as base64'),
    })
    .describe('Sound of a call that is listened to.'),
  z
    .object({ type: z.literal('cut'), callSid: z.string() })
    .describe("What was sent of our side's sound and has not been heard yet never will be."),
  z
    .object({
      type: z.literal('error'),
      message: z.string(),
      about: z.string().exactOptional().describe('The type of the message that asked for it'),
      callSid: z.string().optional().describe('The call that the message named'),
    })
    .describe('Something asked for was not done.'),
]);
export type ToDesk = Readonly<z.infer<typeof toDesk>>;
