import {
  fieldOf,
  otherEvent,
  type RealtimeError,
  realtimeErrorOf,
  type ServerEvent,
  stringOf,
  type UnneededEvent,
  unusableMessage,
  type UnusableMessage,
} from './event-fields.ts';

/**
 * The server's events of a response, by the reference of the GA interface
 * (https://developers.openai.com/api/reference/resources/realtime).
 */
export type ResponseEvent =
  /** `metadata`: what our request named. */
  | { readonly kind: 'response-created'; readonly response: string; readonly metadata: unknown }
  /** The response has this item of the conversation. */
  | { readonly kind: 'response-item'; readonly response: string; readonly item: string }
  /** `item`: of the conversation. `bytes`: in the format of the session; undefined if they are not base64. */
  | {
      readonly kind: 'audio';
      readonly response: string;
      readonly item: string | undefined;
      readonly bytes: Uint8Array | undefined;
    }
  /** The next words of one part of a response. */
  | { readonly kind: 'more-words'; readonly response: string; readonly part: string; readonly words: string }
  /** The complete words of one part of a response. */
  | { readonly kind: 'words'; readonly response: string; readonly part: string; readonly words: string }
  /** Another event of a response: its first items, the end of its audio. */
  | { readonly kind: 'progress'; readonly response: string }
  | {
      readonly kind: 'response-done';
      readonly response: string;
      readonly status: string | undefined;
      /** The words of its parts, as far as the event has them. */
      readonly words: string | undefined;
      readonly error: RealtimeError;
    }
  | UnneededEvent
  | UnusableMessage;

/** Standard base64 with or without padding; `Buffer` would skip all other characters. */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/u;
/** The beginning of the ids of cancels. */
const CANCEL = 'cancel-';
/** The type of items that are spoken. */
const MESSAGE = 'message';
/** The longest `event_id` that the reference permits. */
const MAX_EVENT_ID = 512;

/** Reads an event that is of a response, or of no importance. */
export function readResponseEvent(event: ServerEvent): ResponseEvent {
  switch (event.type) {
    case 'response.created':
      return created(event['response']);
    case 'response.done':
      return done(event['response']);
    case 'response.output_item.added':
      return item(event);
    case 'response.output_audio.delta':
      return audio(event);
    case 'response.output_audio_transcript.delta':
      return moreWords(event);
    case 'response.output_audio_transcript.done':
      return words(event);
    default:
      return other(event);
  }
}

/** Cancels a response that is in progress. */
export function cancelResponse(response: string): string {
  return JSON.stringify({
    type: 'response.cancel',
    event_id: `${CANCEL}${response}`.slice(0, MAX_EVENT_ID),
    response_id: response,
  });
}

/** Whether the message with this id cancels a response. */
export function isCancel(eventId: string): boolean {
  return eventId.startsWith(CANCEL);
}

function created(response: unknown): ResponseEvent {
  const id = stringOf(fieldOf(response, 'id'));
  if (id === undefined) return unusableMessage('a response without an id');
  return { kind: 'response-created', response: id, metadata: fieldOf(response, 'metadata') };
}

function done(response: unknown): ResponseEvent {
  const id = stringOf(fieldOf(response, 'id'));
  if (id === undefined) return unusableMessage('a response without an id');
  const details = fieldOf(response, 'status_details');
  const error = realtimeErrorOf(fieldOf(details, 'error'));
  const reason = stringOf(fieldOf(details, 'reason'));
  return {
    kind: 'response-done',
    response: id,
    status: stringOf(fieldOf(response, 'status')),
    words: wordsOf(fieldOf(response, 'output')),
    error: { ...error, message: error.message ?? reason },
  };
}

function wordsOf(output: unknown): string | undefined {
  if (!Array.isArray(output)) return undefined;
  const parts = output.flatMap((one: unknown) => {
    const content = fieldOf(one, 'content');
    return Array.isArray(content)
      ? content.map((part: unknown) => stringOf(fieldOf(part, 'transcript')))
      : [];
  });
  const said = parts.filter((part) => part !== undefined);
  return said.length > 0 ? said.join(' ') : undefined;
}

function item(event: ServerEvent): ResponseEvent {
  const { response_id: response } = event;
  const { item: added } = event;
  const id = stringOf(fieldOf(added, 'id'));
  // Thoughts, for example, are items without audio.
  if (typeof response === 'string' && (fieldOf(added, 'type') ?? MESSAGE) !== MESSAGE)
    return { kind: 'progress', response };
  if (typeof response !== 'string' || id === undefined) return unusableMessage('an item without an id');
  return { kind: 'response-item', response, item: id };
}

function audio(event: ServerEvent): ResponseEvent {
  const { response_id: response, delta } = event;
  if (typeof response !== 'string') return unusableMessage('audio without a response');
  const isBase64 = typeof delta === 'string' && BASE64.test(delta) && delta.length % 4 !== 1;
  const bytes = isBase64 ? Buffer.from(delta, 'base64') : undefined;
  return { kind: 'audio', response, item: stringOf(event['item_id']), bytes };
}

function moreWords(event: ServerEvent): ResponseEvent {
  const { response_id: response, delta } = event;
  if (typeof response !== 'string' || typeof delta !== 'string')
    return unusableMessage('words without a response');
  return { kind: 'more-words', response, part: partOf(event), words: delta };
}

function words(event: ServerEvent): ResponseEvent {
  const { response_id: response, transcript } = event;
  if (typeof response !== 'string' || typeof transcript !== 'string')
    return unusableMessage('words without a response');
  return { kind: 'words', response, part: partOf(event), words: transcript };
}

function partOf({ item_id: id, content_index: index }: ServerEvent): string {
  return `${String(id)} ${String(index)}`;
}

function other(event: ServerEvent): ResponseEvent {
  const response = stringOf(event['response_id']);
  return response === undefined ? otherEvent(event) : { kind: 'progress', response };
}
