import type { z } from 'zod';
import { callsQuery, holdBody, noteBody } from '../../api/call-schemas.ts';
import { statisticsQuery } from '../../api/statistics-router.ts';
import { AUDIO_FORMATS } from '../../audio/formats/formats.ts';
import { logInBody } from '../../http/auth/login-router.ts';
import { type JsonSchema, schemaOf } from '../../http/json-schema.ts';
import { transcriptBody } from '../../microphone/transcript-router.ts';

/** What a route takes and answers, as OpenAPI describes it. */
export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  readonly path: string;
  readonly summary: string;
  readonly tag: 'Calls' | 'Telephone' | 'Recordings' | 'Server' | 'Pages' | 'Login';
  /** Who may ask; default: whoever is local, logged in, or has the token. */
  readonly open?: true;
  readonly signed?: true;
  readonly query?: z.ZodObject;
  readonly body?: { readonly schema: JsonSchema; readonly types: readonly string[] };
  /** Status → what it means, and the type of what comes. */
  readonly answers: Readonly<Record<number, readonly [meaning: string, type?: string]>>;
}

const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';
const TWIML: readonly [string, string] = ['TwiML', 'text/xml'];
const NO_CALL = ['There is no such call'] as const;
const NOT_FINISHED = ['The call is not finished yet'] as const;

const json = (schema: z.ZodType) => ({ schema: schemaOf(schema), types: [JSON_TYPE] });
const format: JsonSchema = {
  type: 'object',
  properties: { format: { type: 'string', enum: [...AUDIO_FORMATS] } },
  required: ['format'],
};
const webhook = (...fields: string[]) => ({
  types: [FORM],
  schema: {
    type: 'object',
    properties: Object.fromEntries(fields.map((field) => [field, { type: 'string' }])),
    required: ['CallSid'],
  },
});

/** Every route of the server. A test holds this list against the routers. */
export const ROUTES: readonly Route[] = [
  {
    ...{ method: 'get', path: '/api/calls', tag: 'Calls', query: callsQuery },
    summary: 'Calls, latest first; with q the turns in which the words stand, best first',
    answers: {
      200: ['`calls`, or `hits` with `q`; `next` is the cursor of the next page', JSON_TYPE],
      400: ['A parameter is wrong'],
      503: ['The catalogue is down'],
    },
  },
  {
    ...{ method: 'get', path: '/api/figures', tag: 'Calls', query: statisticsQuery },
    summary: 'How the calls of the last 30 days went, day by day, and the room on the disk',
    answers: {
      200: ['`days`, earliest first, and `disk`', JSON_TYPE],
      400: ['A parameter is wrong'],
      503: ['The catalogue is down'],
    },
  },
  {
    ...{ method: 'get', path: '/api/calls/:callSid', tag: 'Calls' },
    summary: 'A call with its turns, files and figures',
    answers: { 200: ['The call', JSON_TYPE], 404: NO_CALL },
  },
  {
    ...{ method: 'get', path: '/api/calls/:callSid/audio', tag: 'Calls' },
    summary: 'The recording; byte ranges are served',
    answers: {
      200: ['The whole file', 'audio/*'],
      206: ['A part', 'audio/*'],
      302: ['It lies in the store'],
      404: NO_CALL,
      409: NOT_FINISHED,
    },
  },
  {
    ...{ method: 'get', path: '/api/calls/:callSid/summary.txt', tag: 'Calls' },
    summary: 'The summary',
    answers: { 200: ['The file', 'text/plain'], 404: NO_CALL, 409: NOT_FINISHED },
  },
  {
    ...{ method: 'get', path: '/api/calls/:callSid/transcript.:as', tag: 'Calls' },
    summary: 'The transcript as txt, json or vtt',
    answers: { 200: ['The transcript'], 404: NO_CALL },
  },
  {
    ...{ method: 'post', path: '/api/calls/:callSid/notes', tag: 'Calls', body: json(noteBody) },
    summary: 'Adds a note to a finished call',
    answers: { 201: ['The note', JSON_TYPE], 400: ['The text is wrong'], 404: NO_CALL, 409: NOT_FINISHED },
  },
  {
    ...{ method: 'delete', path: '/api/calls/:callSid/notes/:id', tag: 'Calls' },
    summary: 'Removes a note',
    answers: { 204: ['It is gone'], 404: ['There is no such note'] },
  },
  {
    ...{ method: 'put', path: '/api/calls/:callSid/hold', tag: 'Calls', body: json(holdBody) },
    summary: 'Holds a call: nothing of it is removed as long as the hold stands',
    answers: { 204: ['It is held'], 400: ['The reason is wrong'], 404: NO_CALL, 409: NOT_FINISHED },
  },
  {
    ...{ method: 'delete', path: '/api/calls/:callSid/hold', tag: 'Calls' },
    summary: 'Takes the hold away',
    answers: { 204: ['It is no longer held'], 404: NO_CALL, 409: NOT_FINISHED },
  },
  {
    ...{ method: 'delete', path: '/api/calls/:callSid', tag: 'Calls' },
    summary: 'Removes a call with everything of it',
    answers: {
      200: ['The receipt', JSON_TYPE],
      202: ['It is under way: the store or the database is down', JSON_TYPE],
      404: NO_CALL,
      409: ['It is live, or on hold'],
    },
  },
  {
    ...{ method: 'get', path: '/audio/formats', tag: 'Calls' },
    summary: 'The formats a recording may have, and the default',
    answers: { 200: ['The formats', JSON_TYPE] },
  },
  {
    ...{ method: 'post', path: '/audio/set-format/:callSid', tag: 'Calls' },
    body: { schema: format, types: [JSON_TYPE, FORM] },
    summary: 'Chooses the format of a recording, from ringing to the last moment of the call',
    answers: {
      200: ['`callSid`, `format`, `file`', JSON_TYPE],
      400: ['No such format'],
      404: NO_CALL,
      409: ['The call is finished, or another process has it, or recording is off'],
    },
  },
  {
    ...{ method: 'post', path: '/incoming-call', tag: 'Telephone', signed: true },
    body: webhook('CallSid', 'From', 'To', 'CallStatus'),
    summary: "Twilio's voice webhook",
    answers: { 200: TWIML, 400: ['CallSid is missing'], 403: ['Not signed by Twilio for this address'] },
  },
  {
    ...{ method: 'post', path: '/incoming-call/continued', tag: 'Telephone', signed: true },
    body: webhook('CallSid', 'CallStatus'),
    summary: 'What comes after a stream has ended',
    answers: { 200: TWIML, 403: ['Not signed by Twilio for this address'] },
  },
  {
    ...{ method: 'post', path: '/call-status', tag: 'Telephone', signed: true },
    body: webhook('CallSid', 'CallStatus', 'CallDuration'),
    summary: "Twilio's call status callback",
    answers: { 204: ['Taken notice of'], 403: ['Not signed by Twilio for this address'] },
  },
  {
    ...{ method: 'post', path: '/stream-status', tag: 'Telephone', signed: true },
    body: webhook('CallSid', 'StreamSid', 'StreamEvent', 'StreamError'),
    summary: "Twilio's stream status callback",
    answers: { 204: ['Taken notice of'], 403: ['Not signed by Twilio for this address'] },
  },
  {
    ...{ method: 'post', path: '/phone/calls', tag: 'Telephone' },
    summary: 'A call from the browser is about to come: its name, and the token for its stream',
    answers: { 201: ['`callSid`, `streamSid`, `token`, `socket`', JSON_TYPE] },
  },
  {
    ...{ method: 'post', path: '/save_recording', tag: 'Recordings' },
    body: {
      types: ['multipart/form-data'],
      schema: {
        type: 'object',
        properties: { audio: { type: 'string', format: 'binary' } },
        required: ['audio'],
      },
    },
    summary: 'Saves a WAV file from the microphone',
    answers: {
      201: ['The recording', JSON_TYPE],
      400: ['The form is wrong'],
      413: ['The file is too large'],
      415: ['It is no WAV file that players play'],
    },
  },
  {
    ...{ method: 'get', path: '/list_recordings', tag: 'Recordings' },
    summary: 'Recordings of the microphone, latest first',
    answers: {
      200: [
        '`recordings`: `name`, `createdAt`, `sizeBytes`, `durationSeconds`; `transcript` where one was saved',
        JSON_TYPE,
      ],
    },
  },
  {
    ...{ method: 'get', path: '/recordings/:file', tag: 'Recordings' },
    summary: 'A recording of the microphone; byte ranges are served',
    answers: {
      200: ['The whole file', 'audio/wav'],
      206: ['A part', 'audio/wav'],
      404: ['There is none of that name'],
    },
  },
  {
    ...{ method: 'delete', path: '/recordings/:file', tag: 'Recordings' },
    summary: 'Removes a recording of the microphone, with its transcript',
    answers: { 204: ['It is gone'], 404: ['There is none of that name'] },
  },
  {
    ...{ method: 'put', path: '/recordings/:file/transcript', tag: 'Recordings', body: json(transcriptBody) },
    summary: 'Saves a transcript beside a recording, as a text file of the same name',
    answers: {
      200: ['The recording', JSON_TYPE],
      400: ['The text is wrong'],
      404: ['There is no recording of that name'],
      413: ['The text is too large'],
    },
  },
  {
    ...{ method: 'get', path: '/recordings/:file/transcript', tag: 'Recordings' },
    summary: 'The transcript beside a recording',
    answers: { 200: ['The text', 'text/plain'], 404: ['There is none'] },
  },
  {
    ...{ method: 'get', path: '/health', tag: 'Server', open: true },
    summary: 'Whether the server is well; details only for who is admitted',
    answers: { 200: ['`status`, and for who is admitted the rest', JSON_TYPE] },
  },
  {
    ...{ method: 'get', path: '/api/session', tag: 'Login', open: true },
    summary: 'Whether this browser is admitted, and if not, why',
    answers: { 200: ['`admitted`, `why` or `reason`, `loginPossible`', JSON_TYPE] },
  },
  {
    ...{ method: 'post', path: '/login', tag: 'Login', open: true },
    body: { schema: schemaOf(logInBody), types: [JSON_TYPE, FORM] },
    summary: 'Logs this browser in',
    answers: {
      204: ['Logged in; a cookie comes with it'],
      401: ['That is not the password'],
      409: ['ADMIN_PASSWORD is not set'],
      429: ['Too many attempts'],
    },
  },
  {
    ...{ method: 'post', path: '/logout', tag: 'Login', open: true },
    summary: 'Logs this browser out',
    answers: { 204: ['Logged out'] },
  },
  {
    ...{ method: 'get', path: '/openapi.json', tag: 'Server' },
    summary: 'This description',
    answers: { 200: ['OpenAPI 3.1', JSON_TYPE] },
  },
  ...['/', '/phone', '/calls', '/calls/:callSid', '/dashboard', '/recordings', '/docs'].map(
    (path): Route => ({
      ...{ method: 'get', path, tag: 'Pages' },
      summary: 'A page for browsers',
      answers: { 200: ['The page', 'text/html'], 303: ['To /login'] },
    }),
  ),
  {
    ...{ method: 'get', path: '/login', tag: 'Pages', open: true },
    summary: 'The login page',
    answers: { 200: ['The page', 'text/html'] },
  },
];
