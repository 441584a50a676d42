import { isRecord, jsonObject } from '../json-object.ts';

/** Media Streams messages in Twilio's wire format (twilio.com/docs/voice/media-streams/websocket-messages). */

/** Twilio's warnings: binary frame; invalid message; buffer full. */
export type StreamWarning = 31950 | 31951 | 31931;

export type FromApplication =
  | { readonly kind: 'media'; readonly mulaw: Uint8Array }
  | { readonly kind: 'mark'; readonly name: string }
  | { readonly kind: 'clear' }
  | { readonly kind: 'refused'; readonly warning: StreamWarning; readonly reason: string };

/** The fields that are allowed beside `event` and `streamSid`, and inside the payload. */
const SHAPES: Readonly<Record<string, readonly [inner: string, field: string] | 'nothing'>> = {
  media: ['media', 'payload'],
  mark: ['mark', 'name'],
  clear: 'nothing',
};

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Parses one frame from the application as strictly as Twilio does. */
export function readFromApplication(frame: string | Uint8Array, streamSid: string): FromApplication {
  if (typeof frame !== 'string') return refused(31950, 'binary frame');
  const message = jsonObject(frame);
  if (!message) return refused(31951, 'not a JSON object');
  const { event } = message;
  const shape = typeof event === 'string' && Object.hasOwn(SHAPES, event) ? SHAPES[event] : undefined;
  if (!shape) return refused(31951, 'unknown event');
  if (message['streamSid'] !== streamSid) return refused(31951, 'wrong streamSid');

  const fields = shape === 'nothing' ? [] : [shape[0]];
  if (!hasOnly(message, ['event', 'streamSid', ...fields])) return refused(31951, 'unexpected field');
  if (shape === 'nothing') return { kind: 'clear' };
  const inner = message[shape[0]];
  if (!isRecord(inner)) return refused(31951, `${shape[0]} is missing`);
  if (!hasOnly(inner, [shape[1]])) return refused(31951, 'unexpected field');
  const value = inner[shape[1]];
  if (typeof value !== 'string') return refused(31951, `${shape[0]}.${shape[1]} is missing`);
  if (event === 'mark') return { kind: 'mark', name: value };
  if (value.length % 4 > 0 || !BASE64.test(value)) return refused(31951, 'payload is not base64');
  return { kind: 'media', mulaw: new Uint8Array(Buffer.from(value, 'base64')) };
}

function hasOnly(record: Record<string, unknown>, allowed: readonly string[]): boolean {
  return Object.keys(record).every((key) => allowed.includes(key));
}

function refused(warning: StreamWarning, reason: string): FromApplication {
  return { kind: 'refused', warning, reason };
}
