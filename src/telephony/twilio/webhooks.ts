import type { Request, RequestHandler, Response, Router } from 'express';
import type { CallIdentity } from '../../call/call-options.ts';
import { CALL_SID } from '../../events/call-sid.ts';
import { callerAddress, WITHHELD } from '../../events/withheld-number.ts';
import { RouteRouter } from '../../http/route-router.ts';
import type { Log } from '../../log.ts';
import type { TelephoneCalls } from '../telephone-calls.ts';
import type { FormParams } from './signature.ts';
import { connectStream, hangUp, refuse } from './twiml.ts';
import { WEBHOOK_ROUTES } from './webhook-routes.ts';

/** Final call states. Source: Twilio, "Call status values". */
const FINAL_STATES = new Set(['completed', 'busy', 'failed', 'no-answer', 'canceled']);
/** Longer values of form fields are cut. */
const MAX_FIELD_LENGTH = 200;

/** What the webhooks need from the gateway. */
export interface WebhookHandler {
  /** Why a request is refused; undefined if it is admitted. */
  refusal(
    request: Request,
    params: FormParams,
  ): { readonly status: number; readonly sentence: string; readonly waitSeconds?: number } | undefined;
  /** The public URL of one of our paths. */
  address(request: Request, path: string, scheme: 'http' | 'ws'): string;
  readonly calls: TelephoneCalls;
}

export interface WebhookOptions {
  readonly handler: WebhookHandler;
  readonly language: string;
  readonly log: Log;
}

/** Twilio's webhooks: incoming call, next action, call status, stream status. */
export function createWebhookRouter(options: WebhookOptions): Router {
  const { log } = options;
  return new RouteRouter({ signed: guard(options.handler) })
    .add(WEBHOOK_ROUTES.incoming, ({ request, response }) => incomingCall(options, request, response))
    .add(WEBHOOK_ROUTES.incomingByGet, ({ request, response }) => incomingCall(options, request, response))
    .add(WEBHOOK_ROUTES.callStatusByGet, ({ request, response }) => callStatus(options, request, response))
    .add(WEBHOOK_ROUTES.continued, ({ request, response }) => continuedCall(options, request, response))
    .add(WEBHOOK_ROUTES.callStatus, ({ request, response }) => callStatus(options, request, response))
    .add(WEBHOOK_ROUTES.streamStatus, ({ request, response }) => {
      const { CallSid, StreamSid, StreamEvent, StreamError } = fieldsOf(request);
      const [callSid, streamSid, event] = [textOf(CallSid), textOf(StreamSid), textOf(StreamEvent)];
      log.info(
        { callSid, streamSid, event, error: textOf(StreamError) || undefined },
        'received stream status',
      );
      response.status(204).end();
    }).router;
}

async function incomingCall(options: WebhookOptions, request: Request, response: Response): Promise<void> {
  const { handler, language, log } = options;
  const identity = identityOf(fieldsOf(request));
  if (!identity) {
    log.info({}, 'rejected webhook without a valid CallSid');
    const sentence = 'CallSid is missing or is not one of Twilio’s (CA and 32 hex digits).';
    response.status(400).type('text/plain').send(sentence);
    return;
  }
  const outcome = await handler.calls.ring(identity);
  log.info({ callSid: identity.callSid, outcome }, 'received incoming call');
  if (outcome === 'over') sendTwiml(response, hangUp());
  else if (outcome === 'accepted') sendTwiml(response, await connect(handler, request, identity));
  else sendTwiml(response, refuse(outcome, language));
}

async function continuedCall(options: WebhookOptions, request: Request, response: Response): Promise<void> {
  const { handler, log } = options;
  const fields = fieldsOf(request);
  const identity = identityOf(fields);
  const over = FINAL_STATES.has(textOf(fields['CallStatus']));
  if (identity && over) await handler.calls.completed(identity.callSid);
  const continues = identity !== undefined && !over && (await handler.calls.continues(identity));
  log.info({ callSid: identity?.callSid, continues }, 'received request for the next action');
  sendTwiml(response, continues ? await connect(handler, request, identity) : hangUp());
}

async function callStatus(options: WebhookOptions, request: Request, response: Response): Promise<void> {
  const { CallSid, CallStatus, CallDuration } = fieldsOf(request);
  const [callSid, status] = [textOf(CallSid), textOf(CallStatus)];
  options.log.info({ callSid, status, seconds: textOf(CallDuration) }, 'received call status');
  if (CALL_SID.test(callSid) && FINAL_STATES.has(status)) await options.handler.calls.completed(callSid);
  response.status(204).end();
}

function guard(handler: WebhookHandler): RequestHandler {
  return (request, response, next) => {
    // The signature of a GET covers its address, which contains the fields.
    const refusal = handler.refusal(request, request.method === 'GET' ? {} : fieldsOf(request));
    if (!refusal) {
      next();
      return;
    }
    const { status, sentence, waitSeconds } = refusal;
    if (waitSeconds !== undefined) response.set('Retry-After', String(waitSeconds));
    response.status(status).type('text/plain').send(sentence);
  };
}

async function connect(handler: WebhookHandler, request: Request, identity: CallIdentity): Promise<string> {
  const { path, token } = await handler.calls.expectStream(identity);
  return connectStream({
    streamUrl: handler.address(request, path, 'ws'),
    actionUrl: handler.address(request, WEBHOOK_ROUTES.continued.path, 'http'),
    statusCallbackUrl: handler.address(request, WEBHOOK_ROUTES.streamStatus.path, 'http'),
    token,
  });
}

function sendTwiml(response: Response, twiml: string): void {
  response.status(200).type('text/xml').send(twiml);
}

function fieldsOf(request: Request): FormParams {
  if (request.method === 'GET') return request.query as FormParams;
  return (request.body as FormParams | undefined) ?? {};
}

function identityOf(form: FormParams): CallIdentity | undefined {
  const callSid = textOf(form['CallSid']);
  if (!CALL_SID.test(callSid)) return undefined;
  return { callSid, from: callerOf(form), to: textOf(form['To']) || 'unknown' };
}

/** Twilio sends an empty field, a code or a word for a withheld number. */
function callerOf({ From: from }: FormParams): string {
  if (from === undefined) return 'unknown';
  const word = textOf(from).trim();
  return word === '' || /^unknown$/i.test(word) ? WITHHELD : callerAddress(word);
}

/** The first value of a field, cut to a bounded length. */
function textOf(value: string | readonly string[] | undefined): string {
  const first = typeof value === 'string' ? value : (value?.[0] ?? '');
  return first.slice(0, MAX_FIELD_LENGTH);
}
