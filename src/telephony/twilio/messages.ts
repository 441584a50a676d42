import { CALL_SID } from '../../events/call-sid.ts';
import { isObject, type JsonObject, parseJson } from '../../http/parse-json.ts';
import { MAX_TIMESTAMP_MS, type MediaMessage, readCommonMedia } from './media-message.ts';

/** Messages of Twilio Media Streams. Times are stream milliseconds, audio is μ-law at 8,000 Hz. */
export type FromTwilio =
  | { readonly kind: 'connected' }
  | {
      readonly kind: 'start';
      readonly streamSid: string;
      readonly callSid: string;
      readonly parameters: Readonly<Record<string, string>>;
    }
  | MediaMessage
  | { readonly kind: 'key'; readonly digit: string }
  | { readonly kind: 'mark'; readonly name: string }
  | { readonly kind: 'stop' }
  /** A kind that is not needed, or newer than this program. */
  | { readonly kind: 'ignored' }
  | { readonly kind: 'unreadable'; readonly reason: string }
  /** A `start` with invalid fields. */
  | { readonly kind: 'bad-start'; readonly reason: string };

const STREAM_SID = /^[A-Za-z0-9_-]{1,64}$/u;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/u;
const MAX_MARK_LENGTH = 128;

/** Reads the bytes of one text frame, as `readMessage`. */
export function readMessageBytes(bytes: Buffer): FromTwilio {
  return readCommonMedia(bytes) ?? readMessage(bytes.toString('utf8'));
}

/** Reads one text frame. Never throws: an unreadable message is a value. */
export function readMessage(text: string): FromTwilio {
  const message = parseJson(text);
  if (message === undefined) return unreadable('not JSON');
  if (!isObject(message)) return unreadable('not an object');
  switch (message['event']) {
    case 'connected':
      return { kind: 'connected' };
    case 'start':
      return readStart(message);
    case 'media':
      return readMedia(message['media']);
    case 'dtmf':
      return readKey(message['dtmf']);
    case 'mark':
      return readMark(message['mark']);
    case 'stop':
      return { kind: 'stop' };
    default:
      return typeof message['event'] === 'string' ? { kind: 'ignored' } : unreadable('no event');
  }
}

export function mediaMessage(streamSid: string, mulaw: Uint8Array): string {
  const payload = Buffer.from(mulaw.buffer, mulaw.byteOffset, mulaw.byteLength).toString('base64');
  return `{"event":"media","streamSid":"${streamSid}","media":{"payload":"${payload}"}}`;
}

export function markMessage(streamSid: string, name: string): string {
  return JSON.stringify({ event: 'mark', streamSid, mark: { name } });
}

export function clearMessage(streamSid: string): string {
  return JSON.stringify({ event: 'clear', streamSid });
}

function readStart(message: JsonObject): FromTwilio {
  const start = message['start'];
  if (!isObject(start)) return badStart('start without its fields');
  const streamSid = start['streamSid'] ?? message['streamSid'];
  const callSid = start['callSid'];
  if (typeof streamSid !== 'string' || !STREAM_SID.test(streamSid))
    return badStart('start with no proper streamSid');
  if (typeof callSid !== 'string' || !CALL_SID.test(callSid))
    return badStart('start with a callSid that is not CA and 32 hexadecimal digits');
  const format = start['mediaFormat'];
  if (isObject(format) && (format['encoding'] ?? 'audio/x-mulaw') !== 'audio/x-mulaw') {
    return badStart('start with an encoding that is not audio/x-mulaw');
  }
  const parameters: Record<string, string> = {};
  const custom = start['customParameters'];
  if (isObject(custom)) {
    for (const [name, value] of Object.entries(custom))
      if (typeof value === 'string') parameters[name] = value;
  }
  return { kind: 'start', streamSid, callSid, parameters };
}

function readMedia(media: unknown): FromTwilio {
  if (!isObject(media)) return unreadable('media without its fields');
  if (media['track'] !== undefined && media['track'] !== 'inbound') {
    return typeof media['track'] === 'string' ? { kind: 'ignored' } : unreadable('media with a bad track');
  }
  const timestampMs = wholeNumber(media['timestamp']);
  if (timestampMs === undefined) return unreadable('media with a bad timestamp');
  const payload = media['payload'];
  if (typeof payload !== 'string' || payload.length === 0 || !isBase64(payload))
    return unreadable('media with a bad payload');
  return { kind: 'media', timestampMs, mulaw: Buffer.from(payload, 'base64') };
}

function readKey(dtmf: unknown): FromTwilio {
  const digit = isObject(dtmf) ? dtmf['digit'] : undefined;
  if (typeof digit !== 'string' || !/^[0-9A-D*#]$/u.test(digit)) return unreadable('dtmf with a bad digit');
  return { kind: 'key', digit };
}

function readMark(mark: unknown): FromTwilio {
  const name = isObject(mark) ? mark['name'] : undefined;
  if (typeof name !== 'string' || name.length > MAX_MARK_LENGTH) return unreadable('mark without a name');
  return { kind: 'mark', name };
}

/** Twilio sends numbers as strings; a simulator may send numbers. */
function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/u.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) return undefined;
  return number >= 0 && number <= MAX_TIMESTAMP_MS ? number : undefined;
}

function isBase64(payload: string): boolean {
  return payload.length % 4 === 0 && BASE64.test(payload);
}

function unreadable(reason: string): FromTwilio {
  return { kind: 'unreadable', reason };
}

function badStart(reason: string): FromTwilio {
  return { kind: 'bad-start', reason };
}
