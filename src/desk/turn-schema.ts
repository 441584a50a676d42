import { z } from 'zod';
import type { Speaker } from '../events/speaker.ts';
import type { TranscriptTurn } from '../records/text/transcript.ts';

export const speakerSchema = z.enum(['caller', 'assistant', 'operator']) satisfies z.ZodType<Speaker>;

/** A turn of a transcript, as pages and programs get it. */
export const turnSchema = z
  .object({
    id: z.string().describe('Its name in the call: `caller-3`, `keys-1`, `reply-5`'),
    speaker: speakerSchema,
    kind: z.enum(['speech', 'keys']),
    startMs: z.number(),
    endMs: z.number(),
    text: z
      .string()
      .exactOptional()
      .describe('What was heard, or understood; absent while that is not known'),
    unheard: z.string().exactOptional().describe('What was written and never heard'),
    cut: z.boolean(),
    pending: z.boolean().exactOptional().describe('Whether its text is still awaited'),
    turn: z.number().exactOptional(),
    timing: z
      .object({
        pauseMs: z.number().optional(),
        textMs: z.number().optional(),
        decidedMs: z.number().optional(),
        tokenMs: z.number().optional(),
        audioMs: z.number().optional(),
        sentMs: z.number().optional(),
        heardMs: z.number().optional(),
      })
      .readonly()
      .optional()
      .describe("Of a turn that a reply followed, in ms since the caller's last voiced sample"),
    evidence: z.enum(['acked', 'estimated']).exactOptional(),
    bounds: z.object({ fromMs: z.number(), toMs: z.number() }).readonly().exactOptional(),
  })
  .readonly() satisfies z.ZodType<TranscriptTurn>;
