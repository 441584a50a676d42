import { isObject, type JsonObject, parseJson } from '../../http/parse-json.ts';
import { withoutKeys } from '../../log.ts';

/** What a Realtime server says of an error, or of a response that failed. */
export interface RealtimeError {
  /** `invalid_request_error`, `server_error`, …: the event `error` of the reference. */
  readonly type: string | undefined;
  readonly code: string | undefined;
  readonly message: string | undefined;
}

/** The event `error`. `request`: the `event_id` of our message that it concerns. */
export interface ErrorEvent {
  readonly kind: 'error';
  readonly request: string | undefined;
  readonly error: RealtimeError;
}

/** A message that cannot be used. `reason`: constant text, for the log. */
export interface UnusableMessage {
  readonly kind: 'unusable';
  readonly reason: string;
}

/** An event of the reference that is not needed. */
export interface UnneededEvent {
  readonly kind: 'unneeded';
}

export type ServerEvent = JsonObject & { readonly type: string };

/** `event_id` of `session.update`. */
export const SESSION_UPDATE_ID = 'session';

/** The name of μ-law at 8,000 Hz. */
export const MULAW_TYPE = 'audio/pcmu';

const MAX_SAID_LENGTH = 300;
/** Beginnings of the events of the reference (https://developers.openai.com/api/reference/resources/realtime). */
const KNOWN = ['session.', 'conversation.', 'rate_limits.', 'response.', 'input_audio_buffer.'];

/** Reads one message of a Realtime server. */
export function readServerEvent(text: string): ServerEvent | UnusableMessage {
  const event = parseJson(text);
  if (event === undefined) return unusableMessage('a message that is not JSON');
  if (!isServerEvent(event)) return unusableMessage('a message without a type');
  return event;
}

function isServerEvent(event: unknown): event is ServerEvent {
  return isObject(event) && typeof event['type'] === 'string';
}

/** An event that has no meaning here. */
export function otherEvent({ type }: ServerEvent): UnneededEvent | UnusableMessage {
  return KNOWN.some((prefix) => type.startsWith(prefix))
    ? { kind: 'unneeded' }
    : unusableMessage('an event of an unknown type');
}

export function unusableMessage(reason: string): UnusableMessage {
  return { kind: 'unusable', reason };
}

export function errorEvent({ error }: ServerEvent): ErrorEvent {
  return { kind: 'error', request: stringOf(fieldOf(error, 'event_id')), error: realtimeErrorOf(error) };
}

export function realtimeErrorOf(error: unknown): RealtimeError {
  const message = stringOf(fieldOf(error, 'message'))?.replace(/\s+/gu, ' ').slice(0, MAX_SAID_LENGTH);
  return {
    type: stringOf(fieldOf(error, 'type')),
    code: stringOf(fieldOf(error, 'code')),
    message: message === undefined ? undefined : withoutKeys(message),
  };
}

/** The format of the audio that a session sends, as `session.updated` states it. */
export function outputFormatOf(session: unknown): string | undefined {
  const format = fieldOf(fieldOf(fieldOf(session, 'audio'), 'output'), 'format');
  const old = fieldOf(session, 'output_audio_format');
  return stringOf(fieldOf(format, 'type')) ?? stringOf(old);
}

/** A field of an object; undefined of everything else. */
export function fieldOf(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

/** A text that is not empty. */
export function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
