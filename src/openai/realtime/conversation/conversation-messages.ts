import type { ConversationTurn } from '../../../call/ports.ts';
import {
  type ErrorEvent,
  errorEvent,
  fieldOf,
  outputFormatOf,
  readServerEvent,
  type ServerEvent,
  SESSION_UPDATE_ID,
  stringOf,
  unusableMessage,
  type UnusableMessage,
} from '../event-fields.ts';
import type { InputFormat } from '../input-messages.ts';
import { readResponseEvent, type ResponseEvent } from '../response-events.ts';
import {
  inputOf,
  readUtteranceEvent,
  type StatedInput,
  type UtteranceEvent,
} from '../transcription/transcription-events.ts';

/** What a session states of itself. */
export interface StatedSession extends StatedInput {
  readonly outputFormat: string | undefined;
}

/** The server hears speech, or its end. `item`: what it is to become. `atMs`: in the audio that the session got; undefined: it does not say. */
export type SpeechEvent = HeardSpeech<'speech-started'> | HeardSpeech<'speech-stopped'>;

interface HeardSpeech<Kind> {
  readonly kind: Kind;
  readonly item: string;
  readonly atMs: number | undefined;
}

/** The server's events of a conversation. */
export type FromConversation =
  | ({ readonly kind: 'session-updated' } & StatedSession)
  | SpeechEvent
  | UtteranceEvent
  | ResponseEvent
  | ErrorEvent;

/** The name under which a response's metadata has our label. */
const LABEL = 'reply';

/** Reads one message of a Realtime server in a conversation. */
export function readConversationEvent(text: string): FromConversation {
  const event = readServerEvent(text);
  if (!('type' in event)) return event;
  if (event.type === 'error') return errorEvent(event);
  if (event.type === 'session.updated') {
    const { session } = event;
    return { kind: 'session-updated', ...inputOf(session), outputFormat: outputFormatOf(session) };
  }
  if (event.type === 'input_audio_buffer.speech_started')
    return speechEvent(event, 'speech-started', event['audio_start_ms']);
  if (event.type === 'input_audio_buffer.speech_stopped')
    return speechEvent(event, 'speech-stopped', event['audio_end_ms']);
  return event.type.startsWith('response.') ? readResponseEvent(event) : readUtteranceEvent(event);
}

function speechEvent(
  event: ServerEvent,
  kind: SpeechEvent['kind'],
  atMs: unknown,
): SpeechEvent | UnusableMessage {
  const item = stringOf(event['item_id']);
  if (item === undefined) return unusableMessage('an event without its item');
  const place = typeof atMs === 'number' && atMs >= 0 ? atMs : undefined;
  return kind === 'speech-started' ? { kind, item, atMs: place } : { kind, item, atMs: place };
}

/** The label of our request in a response's metadata. */
export function replyLabelOf(metadata: unknown): string | undefined {
  return stringOf(fieldOf(metadata, LABEL));
}

/** How a server decides where turns end: by the words, or by silence. */
export type TurnDetection = 'semantic_vad' | 'server_vad';

export interface ConversationConfiguration {
  readonly instructions: string;
  readonly voice: string;
  /** Transcribes what the caller says; undefined: it is not transcribed by the session. `language`: ISO 639-1. */
  readonly transcription: { readonly model: string; readonly language: string | undefined } | undefined;
  /** Who decides where the caller's turns end. Default: our turn detector. */
  readonly turns?: 'server' | 'own' | undefined;
}

/**
 * Configures the session. The server never begins a response by itself. `format`: of the audio in both directions. `detection`: how the server
 * detects turns; undefined: it detects none, and our turn detector decides.
 */
export function conversationUpdate(
  { instructions, voice, transcription }: ConversationConfiguration,
  format: InputFormat,
  detection: TurnDetection | undefined,
): string {
  const turnDetection = detection && { type: detection, create_response: false, interrupt_response: false };
  const input = { format, transcription: transcription ?? null, turn_detection: turnDetection ?? null };
  const output = { format, voice };
  return JSON.stringify({
    type: 'session.update',
    event_id: SESSION_UPDATE_ID,
    session: { type: 'realtime', output_modalities: ['audio'], instructions, audio: { input, output } },
  });
}

/** Requests a response within the conversation. `label`: also the id of the message. */
export function createReply(label: string): string {
  return JSON.stringify({
    type: 'response.create',
    event_id: label,
    response: { output_modalities: ['audio'], metadata: { [LABEL]: label } },
  });
}

const ROLES: Readonly<Record<ConversationTurn['speaker'], 'user' | 'assistant' | 'system'>> = {
  caller: 'user',
  assistant: 'assistant',
  operator: 'assistant',
  guidance: 'system',
};

/** A message as text. `after`: the item before it; `root`: it is the first one; undefined: it is the last one. */
export function createItem(
  eventId: string,
  item: string,
  { speaker, text }: ConversationTurn,
  after: string | undefined,
): string {
  const role = ROLES[speaker];
  const content = [{ type: role === 'assistant' ? 'output_text' : 'input_text', text }];
  return JSON.stringify({
    type: 'conversation.item.create',
    event_id: eventId,
    previous_item_id: after,
    item: { id: item, type: 'message', role, content },
  });
}

export function deleteItem(eventId: string, item: string): string {
  return JSON.stringify({ type: 'conversation.item.delete', event_id: eventId, item_id: item });
}

/** Of the model's speech, the server keeps so much. */
export function truncateItem(eventId: string, item: string, audioEndMs: number): string {
  return JSON.stringify({
    type: 'conversation.item.truncate',
    event_id: eventId,
    item_id: item,
    content_index: 0,
    audio_end_ms: audioEndMs,
  });
}
