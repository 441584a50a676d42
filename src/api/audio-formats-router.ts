import express, { type Request, type Response, Router } from 'express';
import { AUDIO_FORMATS, type AudioFormat, describeFormat, isAudioFormat } from '../audio/formats/formats.ts';
import { CALL_SID } from '../events/call-sid.ts';
import { requireAuth, type RequireAuthOptions } from '../http/auth/require-auth.ts';
import { sendProblem } from '../http/problem-response.ts';
import { kindOf } from '../http/validation-errors.ts';

export type FormatChange =
  /** `file` is the name that the recording will have. */
  | { readonly outcome: 'set'; readonly file: string }
  | { readonly outcome: 'no-such-call' }
  | { readonly outcome: 'finished' }
  /** It goes on, and another process has it. */
  | { readonly outcome: 'elsewhere' }
  | { readonly outcome: 'recording-off' };

/** Where the format of a call's recording is chosen, from ringing to its last moment. */
export interface RecordingFormats {
  setFormat(callSid: string, format: AudioFormat): FormatChange | Promise<FormatChange>;
}

export interface AudioFormatsRouterOptions extends RequireAuthOptions {
  readonly desk: RecordingFormats;
  readonly defaultFormat: AudioFormat;
}

const LONGEST_BODY = '4kb';
const ACCEPTED = `accepted is {"format":"…"} as JSON, or a form or query field, with one of ${AUDIO_FORMATS.join(', ')}`;

/** `GET /audio/formats` and `POST /audio/set-format/:callSid`. */
export function createAudioFormatsRouter(parts: AudioFormatsRouterOptions): Router {
  const router = Router();
  const guarded = requireAuth(parts);
  const bodies = [
    // Whatever JSON it is: what is wrong with it is said below, in our own words.
    express.json({ limit: LONGEST_BODY, strict: false }),
    express.urlencoded({ extended: false, limit: LONGEST_BODY }),
  ];
  router.get('/audio/formats', guarded, (_request, response) => {
    response.json({ default: parts.defaultFormat, formats: AUDIO_FORMATS.map(describeFormat) });
  });
  router.post('/audio/set-format/:callSid', guarded, ...bodies, (request, response) =>
    setFormat(parts.desk, request, response),
  );
  return router;
}

async function setFormat(desk: RecordingFormats, request: Request, response: Response): Promise<void> {
  const asked = askedFormat(request);
  const format = typeof asked === 'string' ? asked.toLowerCase() : asked;
  if (!isAudioFormat(format)) {
    sendProblem(response, 400, `${whatIsWrong(request.body, asked)}; ${ACCEPTED}.`);
    return;
  }
  const callSid = request.params['callSid'];
  const known = typeof callSid === 'string' && CALL_SID.test(callSid);
  const change: FormatChange = known ? await desk.setFormat(callSid, format) : { outcome: 'no-such-call' };
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

/** From the body, JSON or form, else from the query. */
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

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
