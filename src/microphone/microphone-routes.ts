import { z } from 'zod';
import { rangeSchema, utteranceSchema } from './recordings/transcript-document.ts';
import { isRecordingName, NAME_RULE } from './recordings/recording-name.ts';
import { JSON_TYPE, jsonBody, MULTIPART_TYPE, route, type RouteDefinition } from '../http/route.ts';

/** An hour at 48 kHz, 16 bit, stereo, has 690 MB. */
export const MAX_RECORDING_BYTES = 700 * 1024 * 1024;
/** An hour of speech has about 60,000 characters. */
const MAX_TRANSCRIPT_LENGTH = 500_000;
/** JSON may write a character as an escape of six bytes. */
const MAX_TRANSCRIPT_BYTES = 6 * MAX_TRANSCRIPT_LENGTH + 100;

const NO_RECORDING = ['There is no such recording'] as const;

const TRANSCRIPT_SOURCES = ['server', 'page', 'none'] as const;
/** Who makes the transcript of a new recording. */
export type TranscriptSource = (typeof TRANSCRIPT_SOURCES)[number];

/** Fields of the form beside the file. */
export const saveForm = z.object({
  transcript: z
    .enum(TRANSCRIPT_SOURCES, `must be one of ${TRANSCRIPT_SOURCES.join(', ')}`)
    .default('server')
    .describe(
      '`server`: the server transcribes the recording; `page`: the sender does and sends the text, or else the server after two minutes; `none`',
    ),
});

const MAX_UTTERANCES = 20_000;

const textBody = z.strictObject({
  text: z
    .string()
    .min(1, 'must not be empty')
    .max(
      MAX_TRANSCRIPT_LENGTH,
      `may be at most ${MAX_TRANSCRIPT_LENGTH.toLocaleString('en')} characters long`,
    )
    .regex(/^[\P{Cc}\s]*$/u, 'must be plain text, without control characters'),
});

const utterancesBody = z.strictObject({
  utterances: z
    .array(utteranceSchema)
    .max(MAX_UTTERANCES, `may be at most ${MAX_UTTERANCES.toLocaleString('en')}`),
  missing: z
    .array(rangeSchema)
    .max(MAX_UTTERANCES)
    .optional()
    .describe('Ranges that could not be transcribed'),
  language: z
    .string()
    .regex(/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/iu, 'must be as in de or pt-BR')
    .optional(),
});

/** A text, or utterances with their times. */
const transcriptBody = z
  .strictObject({ ...textBody.partial().shape, ...utterancesBody.partial().shape })
  .superRefine(({ text, utterances }, context) => {
    if ((text === undefined) === (utterances === undefined))
      context.addIssue({
        code: 'custom',
        path: ['text'],
        message: 'is missing: either text or utterances is sent',
      });
  });
export type SentTranscript = z.infer<typeof transcriptBody>;

const MAX_NAME_BYTES = 4_096;

const nameBody = z.strictObject({
  name: z.string().refine(isRecordingName, `must end in “.wav”, have ${NAME_RULE}`),
});

export const MICROPHONE_ROUTES = {
  save: route({
    method: 'post',
    path: '/save_recording',
    tag: 'Recordings',
    summary: 'Saves a WAV file from the microphone',
    body: {
      types: [MULTIPART_TYPE],
      schema: z.object({ audio: z.file(), ...saveForm.shape }),
      maxBytes: MAX_RECORDING_BYTES,
      unchecked: true,
    },
    responses: {
      201: ['The recording', JSON_TYPE],
      400: ['The form is invalid'],
      413: ['The file is too large'],
      415: ['The file is not a WAV file that players support'],
      507: ['There is no space left on the disk besides what is kept for calls'],
    },
  }),
  list: route({
    method: 'get',
    path: '/list_recordings',
    tag: 'Recordings',
    summary: 'Recordings of the microphone, latest first',
    responses: {
      200: [
        '`recordings`: `name`, `createdAt`, `sizeBytes`, `durationSeconds`; `transcription`: `done`, `pending`, `failed` or `none`; `transcript`: the name of the text',
        JSON_TYPE,
      ],
    },
  }),
  audio: route({
    method: 'get',
    path: '/recordings/:file',
    tag: 'Recordings',
    summary: 'A recording of the microphone; byte ranges are supported',
    responses: { 200: ['The whole file', 'audio/wav'], 206: ['A part', 'audio/wav'], 404: NO_RECORDING },
  }),
  remove: route({
    method: 'delete',
    path: '/recordings/:file',
    tag: 'Recordings',
    summary: 'Deletes a recording of the microphone, with its transcript',
    responses: { 204: ['The recording is deleted'], 404: NO_RECORDING },
  }),
  rename: route({
    method: 'put',
    path: '/recordings/:file/name',
    tag: 'Recordings',
    summary: 'Renames a recording of the microphone, with its transcript',
    body: jsonBody(nameBody, MAX_NAME_BYTES),
    responses: {
      200: ['The recording', JSON_TYPE],
      400: ['The name is invalid'],
      404: NO_RECORDING,
      409: ['Another recording has this name'],
    },
  }),
  saveTranscript: route({
    method: 'put',
    path: '/recordings/:file/transcript',
    tag: 'Recordings',
    summary: 'Saves the transcript of a recording: a text, or utterances with times and speakers',
    body: jsonBody(transcriptBody, MAX_TRANSCRIPT_BYTES),
    responses: {
      200: ['The recording', JSON_TYPE],
      400: ['The text is invalid'],
      404: NO_RECORDING,
      413: ['The text is too large'],
      507: ['There is no space left on the disk besides what is kept for calls'],
    },
  }),
  transcript: route({
    method: 'get',
    path: '/recordings/:file/transcript',
    tag: 'Recordings',
    summary: 'The transcript of a recording',
    responses: { 200: ['The text', 'text/plain'], 404: ['There is no transcript'] },
  }),
} as const satisfies Record<string, RouteDefinition>;
