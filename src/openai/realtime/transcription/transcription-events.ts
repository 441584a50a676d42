import type { InputFormat } from '../input-messages.ts';
import {
  type ErrorEvent,
  errorEvent,
  fieldOf,
  otherEvent,
  readServerEvent,
  type RealtimeError,
  realtimeErrorOf,
  type ServerEvent,
  SESSION_UPDATE_ID,
  stringOf,
  type UnneededEvent,
  unusableMessage,
  type UnusableMessage,
} from '../event-fields.ts';

/** What a session states of its input. */
export interface StatedInput {
  readonly inputFormat: string | undefined;
  /** Of PCM. */
  readonly rateHz: number | undefined;
  /** True if the server itself decides where utterances end. */
  readonly detectsTurns: boolean;
}

/**
 * The server's events of a transcription session, by the reference of the GA interface
 * (https://developers.openai.com/api/reference/resources/realtime).
 */
export type FromTranscription =
  ({ readonly kind: 'session-updated' } & StatedInput) | UtteranceEvent | ErrorEvent;

/** The server's events of what was appended. `item`: the server's id of an utterance. */
export type UtteranceEvent =
  /** Our commit has become this item. */
  | { readonly kind: 'committed'; readonly item: string }
  /** A part of the text; `delta`: the words after those of earlier events. */
  | { readonly kind: 'partial'; readonly item: string; readonly delta: string }
  | { readonly kind: 'text'; readonly item: string; readonly text: string }
  | { readonly kind: 'failed'; readonly item: string; readonly error: RealtimeError }
  | UnneededEvent
  | UnusableMessage;

const TEXT_EVENT = 'conversation.item.input_audio_transcription.';

/** Reads one message of a Realtime server that transcribes. */
export function readTranscriptionEvent(text: string): FromTranscription {
  const event = readServerEvent(text);
  if (!('type' in event)) return event;
  if (event.type === 'session.updated') return { kind: 'session-updated', ...inputOf(event['session']) };
  return event.type === 'error' ? errorEvent(event) : readUtteranceEvent(event);
}

/** Reads an event that is of an utterance, or of no importance. */
export function readUtteranceEvent(event: ServerEvent): UtteranceEvent {
  if (event.type === 'input_audio_buffer.committed')
    return itemEvent(event, (item) => ({ kind: 'committed', item }));
  if (!event.type.startsWith(TEXT_EVENT)) return otherEvent(event);
  return itemEvent(event, (item) => textEvent(event, item));
}

function textEvent(event: ServerEvent, item: string): UtteranceEvent {
  switch (event.type.slice(TEXT_EVENT.length)) {
    case 'delta':
      return { kind: 'partial', item, delta: stringOf(event['delta']) ?? '' };
    case 'completed': {
      const { transcript: text } = event;
      if (typeof text === 'string') return { kind: 'text', item, text };
      return { kind: 'failed', item, error: realtimeErrorOf({ message: 'the event has no text' }) };
    }
    case 'failed':
      return { kind: 'failed', item, error: realtimeErrorOf(event['error']) };
    default:
      return { kind: 'unneeded' };
  }
}

function itemEvent(event: ServerEvent, read: (item: string) => UtteranceEvent): UtteranceEvent {
  const item = stringOf(event['item_id']);
  return item === undefined ? unusableMessage('an event without its item') : read(item);
}

/** `session`: of `session.updated`. */
export function inputOf(session: unknown): StatedInput {
  const input = fieldOf(fieldOf(session, 'audio'), 'input');
  const format = fieldOf(input, 'format');
  const rateHz = fieldOf(format, 'rate');
  return {
    inputFormat: stringOf(fieldOf(format, 'type')),
    rateHz: typeof rateHz === 'number' ? rateHz : undefined,
    detectsTurns: (fieldOf(input, 'turn_detection') ?? null) !== null,
  };
}

/** Configures the session; our turn detector decides where utterances end. `language`: ISO 639-1. */
export function transcriptionUpdate(
  { model, language }: { readonly model: string; readonly language: string | undefined },
  format: InputFormat,
): string {
  const input = { format, transcription: { model, language }, turn_detection: null };
  return JSON.stringify({
    type: 'session.update',
    event_id: SESSION_UPDATE_ID,
    session: { type: 'transcription', audio: { input } },
  });
}
