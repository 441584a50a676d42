import { z } from 'zod';
import { FORM_TYPE, type RouteBody, type RouteDefinition, route } from '../../http/route.ts';

/** Twilio's forms have about 1 kB. */
const MAX_FORM_BYTES = 64 * 1024;

export const MEDIA_STREAM_PATH = '/media-stream';

const TWIML = ['TwiML', 'text/xml'] as const;
const NOT_SIGNED = ['Not signed by Twilio for this address'] as const;
const ACKNOWLEDGED = ['Acknowledged'] as const;

/** The handlers read the fields that they need: Twilio sends more, and may add others. */
function form(...optional: readonly string[]): RouteBody {
  const fields = optional.map((field) => [field, z.string().optional()] as const);
  const schema = z.object({ CallSid: z.string(), ...Object.fromEntries(fields) });
  return { types: [FORM_TYPE], schema, maxBytes: MAX_FORM_BYTES, unchecked: true };
}

export const WEBHOOK_ROUTES = {
  incoming: route({
    method: 'post',
    path: '/incoming-call',
    tag: 'Telephone',
    access: 'signed',
    summary: "Twilio's voice webhook",
    body: form('From', 'To', 'CallStatus'),
    responses: { 200: TWIML, 400: ['CallSid is missing'], 403: NOT_SIGNED },
  }),
  /** For a number that is set to GET, or whose POST was redirected. */
  incomingByGet: route({
    method: 'get',
    path: '/incoming-call',
    tag: 'Telephone',
    access: 'signed',
    summary: "Twilio's voice webhook with GET; the fields are in the query",
    responses: { 200: TWIML, 400: ['CallSid is missing'], 403: NOT_SIGNED },
  }),
  callStatusByGet: route({
    method: 'get',
    path: '/call-status',
    tag: 'Telephone',
    access: 'signed',
    summary: "Twilio's call status callback with GET; the fields are in the query",
    responses: { 204: ACKNOWLEDGED, 403: NOT_SIGNED },
  }),
  continued: route({
    method: 'post',
    path: '/incoming-call/continued',
    tag: 'Telephone',
    access: 'signed',
    summary: 'The next action after a stream has ended',
    body: form('CallStatus'),
    responses: { 200: TWIML, 403: NOT_SIGNED },
  }),
  callStatus: route({
    method: 'post',
    path: '/call-status',
    tag: 'Telephone',
    access: 'signed',
    summary: "Twilio's call status callback",
    body: form('CallStatus', 'CallDuration'),
    responses: { 204: ACKNOWLEDGED, 403: NOT_SIGNED },
  }),
  streamStatus: route({
    method: 'post',
    path: '/stream-status',
    tag: 'Telephone',
    access: 'signed',
    summary: "Twilio's stream status callback",
    body: form('StreamSid', 'StreamEvent', 'StreamError'),
    responses: { 204: ACKNOWLEDGED, 403: NOT_SIGNED },
  }),
} as const satisfies Record<string, RouteDefinition>;
