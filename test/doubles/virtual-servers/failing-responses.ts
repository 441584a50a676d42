import type { Dice } from './dice.ts';
import type { Verdict, WireRequest, WireResponse } from './virtual-network.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const HTML =
  '<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>';

/** A complete response with a text. */
export function textResponse(
  name: string,
  verdict: Verdict,
  options: {
    status?: number;
    type?: string;
    body: string;
    afterMs?: number;
    headers?: Record<string, string>;
  },
): WireResponse {
  const { status = 200, type, body, afterMs = 60, headers } = options;
  return {
    name,
    verdict,
    afterMs,
    status,
    headers: { ...(type !== undefined && { 'content-type': type }), ...headers },
    parts: body === '' ? [] : [[0, body]],
  };
}

/** A refusal without a reason concerns the whole shape of the request; one with a reason concerns what it names. */
export function refusedShape(what: string, isNamed: boolean, body: WireRequest['body']): string {
  if (isNamed) return what;
  const fields = Object.keys(body).filter((name) => !['messages', 'input', 'model'].includes(name));
  const { messages } = body as { messages?: readonly { readonly role: string }[] };
  return `${what} in ${[...fields, messages?.[0]?.role].join(', ')}`;
}

export function refusal(refuses: string, status: number, body: unknown): WireResponse {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    ...textResponse(`refuses ${refuses}`, 'refused', { status, body: text, headers: JSON_TYPE }),
    refuses,
  };
}

type Failing = (dice: Dice) => WireResponse;

/** Failures that a server of any service may have. Sources: the cases F-02, F-23, F-29 and the documentation of each server. */
const ANYWHERE: readonly Failing[] = [
  () => ({ name: 'connection refused', verdict: 'bad', afterMs: 5 }),
  () => ({ name: 'never answers', verdict: 'stalls', afterMs: Infinity, status: 200 }),
  (dice) =>
    textResponse('rate limit', 'bad', {
      status: 429,
      body: '{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}',
      headers: { ...JSON_TYPE, 'retry-after': String(dice.pick([0, 1, 2, 60])) },
    }),
  () =>
    textResponse('no credit', 'bad', {
      status: 429,
      body: '{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}',
      headers: JSON_TYPE,
    }),
  () =>
    textResponse('server error', 'bad', { status: 500, body: 'Internal Server Error', type: 'text/plain' }),
  () => textResponse('HTML page of a proxy', 'bad', { status: 502, body: HTML, type: 'text/html' }),
  () => textResponse('empty error', 'bad', { status: 504, body: '' }),
  () =>
    textResponse('loading', 'bad', {
      status: 503,
      body: '{"error":{"message":"Loading model","type":"unavailable_error","code":503}}',
      headers: JSON_TYPE,
    }),
  () =>
    textResponse('detail', 'bad', {
      status: 404,
      body: `{"detail":"Model 'x' is not installed locally. You can download the model using POST /v1/models"}`,
      headers: JSON_TYPE,
    }),
  () =>
    textResponse('wrong key', 'bad', {
      status: 401,
      body: '{"error":{"message":"Incorrect API key provided"}}',
      headers: JSON_TYPE,
    }),
  () =>
    textResponse('error inside a success', 'bad', {
      body: '{"error":{"message":"No endpoints found","code":404}}',
      headers: JSON_TYPE,
    }),
  () => textResponse('page inside a success', 'bad', { body: HTML, type: 'text/html' }),
  () => ({ name: 'breaks at once', verdict: 'bad', afterMs: 60, status: 200, end: 'breaks' }),
  () => ({ name: 'headers alone', verdict: 'stalls', afterMs: 60, status: 200, end: 'stalls' }),
];

export function anyFailure(dice: Dice): WireResponse {
  return dice.pick(ANYWHERE)(dice);
}
