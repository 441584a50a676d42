import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import type { CallIdentity } from '../../call/call-options.ts';
import type { RingResult } from '../../call/call-registry-options.ts';
import { CALL_SID } from '../../events/call-sid.ts';
import type { FormParams } from './signature.ts';
import { connectStream, hangUp, refuse } from './twiml.ts';

/** Twilio's forms are about 1 kB. */
const LARGEST_FORM = '64kb';
/** Call states after which nothing more comes. Source: Twilio, "Call status values". */
const OVER = new Set(['completed', 'busy', 'failed', 'no-answer', 'canceled']);

export const TELEPHONE_PATHS = {
  incoming: '/incoming-call',
  continued: '/incoming-call/continued',
  callStatus: '/call-status',
  streamStatus: '/stream-status',
  media: '/media-stream',
} as const;

export interface WebhookOptions {
  readonly now: () => number;
  readonly language: string;
  /** What keeps a request out: status and sentence; undefined lets it in. */
  refusal(
    request: Request,
    params: FormParams,
  ): { readonly status: number; readonly sentence: string } | undefined;
  /** The address of a path as Twilio is to ask for it. */
  address(request: Request, path: string, scheme: 'http' | 'ws'): string;
  ring(identity: CallIdentity, atMs: number): Promise<RingResult>;
  goesOn(callSid: string, atMs: number): Promise<boolean>;
  completed(callSid: string, atMs: number): Promise<void>;
  issueToken(identity: CallIdentity, atMs: number): string;
  /** Numbers and states only; never what was said. */
  note(what: string, fields: Readonly<Record<string, unknown>>): void;
}

/** Twilio's webhooks: a call comes in, goes on, is over; a stream began, ended or failed. */
export function createWebhookRouter(parts: WebhookOptions): Router {
  const router = express.Router();
  const form = express.urlencoded({ extended: false, limit: LARGEST_FORM, parameterLimit: 200 });
  const proved = [form, guard(parts)];

  router.post(TELEPHONE_PATHS.incoming, proved, async (request: Request, response: Response) => {
    const identity = identityOf(fields(request));
    if (!identity) {
      parts.note('a webhook without a proper CallSid', {});
      response
        .status(400)
        .type('text/plain')
        .send('CallSid is missing or is not one of Twilio’s (CA and 32 hex digits).');
      return;
    }
    const atMs = parts.now();
    const outcome = await parts.ring(identity, atMs);
    parts.note('incoming call', { callSid: identity.callSid, outcome });
    if (outcome === 'over') answer(response, hangUp());
    else if (outcome === 'welcome') answer(response, connect(parts, request, identity, atMs));
    else answer(response, refuse(outcome, parts.language));
  });

  router.post(TELEPHONE_PATHS.continued, proved, async (request: Request, response: Response) => {
    const identity = identityOf(fields(request));
    const atMs = parts.now();
    const over = OVER.has(text(fields(request)['CallStatus']));
    if (identity && over) await parts.completed(identity.callSid, atMs);
    const goesOn = identity !== undefined && !over && (await parts.goesOn(identity.callSid, atMs));
    parts.note('the stream ended', { callSid: identity?.callSid, goesOn });
    answer(response, goesOn ? connect(parts, request, identity, atMs) : hangUp());
  });

  router.post(TELEPHONE_PATHS.callStatus, proved, async (request: Request, response: Response) => {
    const { CallSid, CallStatus, CallDuration } = fields(request);
    parts.note('call status', {
      callSid: text(CallSid),
      status: text(CallStatus),
      seconds: text(CallDuration),
    });
    if (CALL_SID.test(text(CallSid)) && OVER.has(text(CallStatus)))
      await parts.completed(text(CallSid), parts.now());
    response.status(204).end();
  });

  router.post(TELEPHONE_PATHS.streamStatus, proved, (request: Request, response: Response) => {
    const { CallSid, StreamSid, StreamEvent, StreamError } = fields(request);
    parts.note('stream status', {
      callSid: text(CallSid),
      streamSid: text(StreamSid),
      event: text(StreamEvent),
      ...(text(StreamError) !== '' && { error: text(StreamError) }),
    });
    response.status(204).end();
  });
  return router;
}

function guard(parts: WebhookOptions) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const refusal = parts.refusal(request, fields(request));
    if (refusal) response.status(refusal.status).type('text/plain').send(refusal.sentence);
    else next();
  };
}

function connect(parts: WebhookOptions, request: Request, identity: CallIdentity, atMs: number): string {
  return connectStream({
    streamUrl: parts.address(request, TELEPHONE_PATHS.media, 'ws'),
    actionUrl: parts.address(request, TELEPHONE_PATHS.continued, 'http'),
    statusCallbackUrl: parts.address(request, TELEPHONE_PATHS.streamStatus, 'http'),
    token: parts.issueToken(identity, atMs),
  });
}

function answer(response: Response, twiml: string): void {
  response.status(200).type('text/xml').send(twiml);
}

function fields(request: Request): FormParams {
  return (request.body as FormParams | undefined) ?? {};
}

function identityOf(form: FormParams): CallIdentity | undefined {
  const callSid = text(form['CallSid']);
  if (!CALL_SID.test(callSid)) return undefined;
  return { callSid, from: text(form['From']) || 'unknown', to: text(form['To']) || 'unknown' };
}

/** A field once, of a bearable length; repeated ones count with their first value. */
function text(value: string | readonly string[] | undefined): string {
  const first = typeof value === 'string' ? value : (value?.[0] ?? '');
  return first.slice(0, 200);
}
