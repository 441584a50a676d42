import type { Request, Response, Router } from 'express';
import { z } from 'zod';
import { AUDIO_FORMATS, type AudioFormat, describeFormat, isAudioFormat } from '../audio/formats/formats.ts';
import { CALL_SID } from '../events/call-sid.ts';
import { requireAuth, type RequireAuthOptions } from '../http/auth/require-auth.ts';
import { isObject } from '../http/parse-json.ts';
import { sendProblem } from '../http/problem-response.ts';
import { FORM_TYPE, JSON_TYPE, route, type RouteDefinition } from '../http/route.ts';
import { RouteRouter } from '../http/route-router.ts';
import { kindOf } from '../http/validation-errors.ts';

export type FormatChange =
  /** `file` is the name that the recording will have. */
  | { readonly outcome: 'set'; readonly file: string }
  | { readonly outcome: 'no-such-call' }
  | { readonly outcome: 'finished' }
  /** The call is live in another process. */
  | { readonly outcome: 'elsewhere' }
  | { readonly outcome: 'recording-off' };

/** Sets the format of a call's recording while the call is ringing or live. */
export interface RecordingFormats {
  setFormat(callSid: string, format: AudioFormat): FormatChange | Promise<FormatChange>;
}

export interface AudioFormatsRouterOptions extends RequireAuthOptions {
  readonly formats: RecordingFormats;
  readonly defaultFormat: AudioFormat;
}

const MAX_BODY_BYTES = 4 * 1024;
const ACCEPTED = `accepted is {"format":"…"} as JSON, or a form or query field, with one of ${AUDIO_FORMATS.join(', ')}`;

export const AUDIO_FORMAT_ROUTES = {
  list: route({
    method: 'get',
    path: '/audio/formats',
    tag: 'Calls',
    summary: 'The supported formats of recordings, and the default',
    responses: { 200: ['The formats', JSON_TYPE] },
  }),
  set: route({
    method: 'post',
    path: '/audio/set-format/:callSid',
    tag: 'Calls',
    summary: "Sets the format of a call's recording, from ringing until the call ends",
    body: {
      types: [JSON_TYPE, FORM_TYPE],
      schema: z.object({ format: z.enum(AUDIO_FORMATS) }),
      maxBytes: MAX_BODY_BYTES,
      unchecked: true,
    },
    responses: {
      200: ['`callSid`, `format`, `file`', JSON_TYPE],
      400: ['No such format'],
      404: ['There is no such call'],
      409: ['The call is finished, or another process has it, or recording is off'],
    },
  }),
} as const satisfies Record<string, RouteDefinition>;

/** `GET /audio/formats` and `POST /audio/set-format/:callSid`. */
export function createAudioFormatsRouter(options: AudioFormatsRouterOptions): Router {
  return new RouteRouter({ login: requireAuth(options) })
    .add(AUDIO_FORMAT_ROUTES.list, ({ response }) => {
      response.json({ default: options.defaultFormat, formats: AUDIO_FORMATS.map(describeFormat) });
    })
    .add(AUDIO_FORMAT_ROUTES.set, ({ request, response }) => setFormat(options.formats, request, response))
    .router;
}

async function setFormat(formats: RecordingFormats, request: Request, response: Response): Promise<void> {
  const asked = askedFormat(request);
  const format = typeof asked === 'string' ? asked.toLowerCase() : asked;
  if (!isAudioFormat(format)) {
    sendProblem(response, 400, `${whatIsWrong(request.body, asked)}; ${ACCEPTED}.`);
    return;
  }
  const callSid = request.params['callSid'];
  const known = typeof callSid === 'string' && CALL_SID.test(callSid);
  const change: FormatChange = known ? await formats.setFormat(callSid, format) : { outcome: 'no-such-call' };
  switch (change.outcome) {
    case 'set':
      response.json({ callSid, format, file: change.file });
      return;
    case 'no-such-call':
      sendProblem(response, 404, 'There is no such call.');
      return;
    case 'finished':
      sendProblem(response, 409, 'The call is finished and its recording is being written or is there.');
      return;
    case 'elsewhere':
      sendProblem(response, 409, 'Another process has the call; only that one can choose its format.');
      return;
    case 'recording-off':
      sendProblem(response, 409, 'Recording is off (RECORD_CONVERSATIONS=false).');
  }
}

/** The requested format, from the body or else from the query. */
function askedFormat(request: Request): unknown {
  const body: unknown = request.body;
  return (isObject(body) ? body['format'] : undefined) ?? request.query['format'];
}

function whatIsWrong(body: unknown, format: unknown): string {
  if (typeof format === 'string') return `"${format.slice(0, 20)}" is not a format`;
  if (body !== undefined && !isObject(body)) return `The body is ${kindOf(body)}, not an object`;
  const given = isObject(body) && 'format' in body ? body['format'] : format;
  if (given === undefined) return 'No format was given';
  return `The format is ${kindOf(given)}, not a text`;
}
