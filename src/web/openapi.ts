import { z } from 'zod';
import { AUDIO_FORMATS } from '../audio/formats/formats.ts';
import { callsQuery, callSid, holdBody, noteBody } from './call-queries.ts';
import { figuresQuery } from './figures.ts';
import { fromDesk } from './desk-messages.ts';
import { fromMicrophone } from './dictation-messages.ts';
import { logInBody } from './login.ts';

type Json = Readonly<Record<string, unknown>>;

interface Route {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  readonly path: string;
  readonly summary: string;
  readonly tag: 'Calls' | 'Telephone' | 'Recordings' | 'Server' | 'Pages' | 'Login';
  /** Who may ask; default: whoever is local, logged in, or has the token. */
  readonly open?: true;
  readonly signed?: true;
  readonly query?: z.ZodObject;
  readonly body?: { readonly schema: Json; readonly types: readonly string[] };
  /** Status → what it means, and the type of what comes. */
  readonly answers: Readonly<Record<number, readonly [meaning: string, type?: string]>>;
}

const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';
const TWIML: readonly [string, string] = ['TwiML', 'text/xml'];
const NO_CALL = ['There is no such call'] as const;
const NOT_FINISHED = ['The call is not finished yet'] as const;

const schemaOf = (schema: z.ZodType): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
};
const json = (schema: z.ZodType) => ({ schema: schemaOf(schema), types: [JSON_TYPE] });
const format: Json = {
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
    summary: 'Calls, latest first; with `q` the turns in which the words stand, best first',
    answers: {
      200: ['`calls`, or `hits` with `q`; `next` is the cursor of the next page', JSON_TYPE],
      400: ['A parameter is wrong'],
      503: ['The catalogue is down'],
    },
  },
  {
    ...{ method: 'get', path: '/api/figures', tag: 'Calls', query: figuresQuery },
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
      409: ['The call is finished, or recording is off'],
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
      415: ['It is no WAV file'],
    },
  },
  {
    ...{ method: 'get', path: '/list_recordings', tag: 'Recordings' },
    summary: 'Recordings of the microphone, latest first',
    answers: { 200: ['`recordings`: `name`, `createdAt`, `sizeBytes`, `durationSeconds`', JSON_TYPE] },
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
    summary: 'Removes a recording of the microphone',
    answers: { 204: ['It is gone'], 404: ['There is none of that name'] },
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

const SOCKETS = `
WebSockets, each message one JSON text; \`x-websockets\` holds the schemas of what the server takes.

- \`/media-stream\`: Twilio Media Streams, bidirectional, signed. A \`start\` carries the one-time token of the webhook's answer as a parameter.
- \`/phone/stream\`: the same messages from a browser, with the token of \`POST /phone/calls\`.
- \`/calls/live\`: the desk. It says \`welcome\`, \`call\`, \`gone\`, \`turns\`, \`sound\`, \`cut\` and \`error\`.
- \`/ws\`: live transcription. It says \`status\`, \`partial\`, \`transcription\` and \`error\`.
`;

/** The description of every route as OpenAPI 3.1, from the schemas that check the requests. */
export function openApi(version: string): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of ROUTES) {
    const path = route.path.replace(/:(\w+)/gu, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'offhook',
      version,
      description: `A telephone voice assistant that keeps a true record of every call.\n${SOCKETS}`,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    paths,
    components: {
      schemas: { Problem: PROBLEM },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'API_TOKEN' },
        session: { type: 'apiKey', in: 'cookie', name: 'offhook_session' },
        twilio: { type: 'apiKey', in: 'header', name: 'X-Twilio-Signature' },
      },
    },
    'x-websockets': { '/calls/live': schemaOf(fromDesk), '/ws': schemaOf(fromMicrophone) },
  };
}

const PROBLEM: Json = {
  description: 'RFC 9457',
  type: 'object',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      items: { type: 'object', properties: { field: { type: 'string' }, detail: { type: 'string' } } },
    },
  },
};

function operation(route: Route): Json {
  const { summary, tag, body, answers } = route;
  const parameters = [...pathParameters(route.path), ...queryParameters(route.query)];
  return {
    summary,
    tags: [tag],
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: true,
        content: Object.fromEntries(body.types.map((type) => [type, { schema: body.schema }])),
      },
    }),
    responses: Object.fromEntries(
      Object.entries({ ...answers, ...refusals(route) }).map(([status, [meaning, type]]) => [
        status,
        { description: meaning, ...content(Number(status), type) },
      ]),
    ),
    security: route.open ? [] : route.signed ? [{ twilio: [] }] : [{ token: [] }, { session: [] }],
  };
}

function refusals({ open, signed }: Route): Route['answers'] {
  if (open || signed) return {};
  return {
    401: ['Who asks has to log in'],
    403: ['Only this very machine is served'],
    429: ['Too many attempts'],
  };
}

function content(status: number, type: string | undefined): Json {
  if (type !== undefined) return { content: { [type]: {} } };
  if (status < 400) return {};
  return { content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } };
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/:(\w+)/gu)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: name === 'callSid' ? schemaOf(callSid) : { type: 'string' },
  }));
}

function queryParameters(query: z.ZodObject | undefined): Json[] {
  if (!query) return [];
  const { properties = {} } = schemaOf(query) as { properties?: Readonly<Record<string, Json>> };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    ...(description !== undefined && { description }),
    schema,
  }));
}
