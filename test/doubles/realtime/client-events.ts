import { z } from 'zod';

/** What a Realtime server accepts, by the reference of the GA interface: every other field is refused. */
const AUDIO_FORMAT = z.union([
  z.strictObject({ type: z.literal('audio/pcm'), rate: z.literal(24_000).optional() }),
  z.strictObject({ type: z.enum(['audio/pcmu', 'audio/pcma']) }),
]);
/** The built-in voices of the reference. */
const VOICE = z.enum([
  ...(['alloy', 'ash', 'ballad', 'coral', 'echo', 'sage', 'shimmer', 'verse', 'marin', 'cedar'] as const),
]);
const MODALITIES = z.array(z.enum(['text', 'audio'])).length(1);
const TOKENS = z.union([z.int().min(1).max(4_096), z.literal('inf')]);
const EVENT_ID = z.string().max(512).optional();

const TRANSCRIPTION = z.strictObject({
  model: z.string(),
  language: z
    .string()
    .regex(/^[a-z]{2,3}$/u)
    .optional(),
  prompt: z.string().optional(),
});

const TURN_DETECTION = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('server_vad'),
    threshold: z.number().min(0).max(1).optional(),
    prefix_padding_ms: z.int().optional(),
    silence_duration_ms: z.int().optional(),
    idle_timeout_ms: z.int().nullable().optional(),
    create_response: z.boolean().optional(),
    interrupt_response: z.boolean().optional(),
  }),
  z.strictObject({
    type: z.literal('semantic_vad'),
    eagerness: z.enum(['low', 'medium', 'high', 'auto']).optional(),
    create_response: z.boolean().optional(),
    interrupt_response: z.boolean().optional(),
  }),
]);

const REALTIME_SESSION = z.strictObject({
  type: z.literal('realtime'),
  output_modalities: MODALITIES.optional(),
  instructions: z.string().optional(),
  max_output_tokens: TOKENS.optional(),
  audio: z
    .strictObject({
      input: z
        .strictObject({
          format: AUDIO_FORMAT.optional(),
          transcription: TRANSCRIPTION.nullable().optional(),
          turn_detection: TURN_DETECTION.nullable().optional(),
        })
        .optional(),
      output: z
        .strictObject({
          format: AUDIO_FORMAT.optional(),
          voice: VOICE.optional(),
          speed: z.number().min(0.25).max(1.5).optional(),
        })
        .optional(),
    })
    .optional(),
});

/** Of models that know no turn detection: it must be switched off. */
const TRANSCRIPTION_SESSION = z.strictObject({
  type: z.literal('transcription'),
  audio: z.strictObject({
    input: z.strictObject({
      format: AUDIO_FORMAT.optional(),
      transcription: TRANSCRIPTION,
      turn_detection: z.null(),
    }),
  }),
});

const SESSION_UPDATE = z.strictObject({
  type: z.literal('session.update'),
  event_id: EVENT_ID,
  session: z.discriminatedUnion('type', [REALTIME_SESSION, TRANSCRIPTION_SESSION]),
});

const APPEND = z.strictObject({
  type: z.literal('input_audio_buffer.append'),
  event_id: EVENT_ID,
  audio: z.base64().max(15 * 1024 * 1024),
});

const COMMIT = z.strictObject({ type: z.literal('input_audio_buffer.commit'), event_id: EVENT_ID });
const CLEAR = z.strictObject({ type: z.literal('input_audio_buffer.clear'), event_id: EVENT_ID });

const RESPONSE_CREATE = z.strictObject({
  type: z.literal('response.create'),
  event_id: EVENT_ID,
  response: z.strictObject({
    conversation: z.enum(['auto', 'none']).optional(),
    input: z.array(z.unknown()).optional(),
    output_modalities: MODALITIES.optional(),
    instructions: z.string().optional(),
    max_output_tokens: TOKENS.optional(),
    metadata: z
      .record(z.string().max(64), z.string().max(512))
      .refine((pairs) => Object.keys(pairs).length <= 16)
      .optional(),
  }),
});

const RESPONSE_CANCEL = z.strictObject({
  type: z.literal('response.cancel'),
  event_id: EVENT_ID,
  response_id: z.string().optional(),
});

const ITEM_ID = z.string().min(1).max(32);

const ITEM_CREATE = z.strictObject({
  type: z.literal('conversation.item.create'),
  event_id: EVENT_ID,
  previous_item_id: z.string().optional(),
  item: z.strictObject({
    id: ITEM_ID.optional(),
    type: z.literal('message'),
    role: z.enum(['user', 'assistant', 'system']),
    content: z
      .array(z.strictObject({ type: z.enum(['input_text', 'output_text']), text: z.string() }))
      .length(1),
  }),
});

const ITEM_DELETE = z.strictObject({
  type: z.literal('conversation.item.delete'),
  event_id: EVENT_ID,
  item_id: z.string(),
});

const ITEM_TRUNCATE = z.strictObject({
  type: z.literal('conversation.item.truncate'),
  event_id: EVENT_ID,
  item_id: z.string(),
  content_index: z.literal(0),
  audio_end_ms: z.int().min(0),
});

const CLIENT_EVENT = z.discriminatedUnion('type', [
  SESSION_UPDATE,
  RESPONSE_CREATE,
  RESPONSE_CANCEL,
  APPEND,
  COMMIT,
  CLEAR,
  ITEM_CREATE,
  ITEM_DELETE,
  ITEM_TRUNCATE,
]);

export type ClientEvent = z.infer<typeof CLIENT_EVENT>;

/** What the event `error` says of a message that is refused. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
  readonly event_id: string | null;
}

/** The client's event, or why it is refused: `Unknown parameter: 'session.voice'.` */
export function readClientEvent(text: string): ClientEvent | Refusal {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { code: 'invalid_json', message: 'The message is not JSON.', param: null, event_id: null };
  }
  const result = CLIENT_EVENT.safeParse(json);
  if (result.success) return result.data;
  const given = (json as { event_id?: unknown } | null)?.event_id;
  const event_id = typeof given === 'string' ? given : null;
  const issue = result.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const param = [...issue.path, issue.keys[0]].join('.');
    return { code: 'unknown_parameter', message: `Unknown parameter: '${param}'.`, param, event_id };
  }
  const param = issue.path.join('.');
  return { code: 'invalid_value', message: `Invalid value: '${param}'. ${issue.message}`, param, event_id };
}
