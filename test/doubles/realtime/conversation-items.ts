import type { ClientEvent, Refusal } from './client-events.ts';

/** One item of a server's conversation. */
export interface ServerItem {
  readonly id: string;
  readonly role: 'user' | 'assistant' | 'system';
  /** Of a message, or of audio as far as it is known. */
  text: string | undefined;
  /** Audio, μ-law; undefined: the item is text. */
  audio: Uint8Array | undefined;
  status: 'in_progress' | 'completed' | 'incomplete';
}

type Refused = Omit<Refusal, 'event_id'> | undefined;
type Of<Type extends ClientEvent['type']> = Extract<ClientEvent, { type: Type }>;

/** OpenAI counts less audio of an item than it has sent (https://github.com/pipecat-ai/pipecat/issues/2106). */
const COUNTED_LESS_MS = 85;
const BYTES_PER_MS = 8;

/** The items of one session's conversation, as strict as OpenAI's. */
export class ConversationItems {
  readonly all: ServerItem[] = [];
  readonly #send: (event: Readonly<Record<string, unknown>>) => void;

  constructor(send: (event: Readonly<Record<string, unknown>>) => void) {
    this.#send = send;
  }

  /** What the model is shown: text, or `<audio of n ms>`. */
  get shown(): string[] {
    return this.all.map(({ role, text, audio }) =>
      audio === undefined
        ? `${role}: ${text}`
        : `${role}: <${Math.round(audio.length / BYTES_PER_MS)} ms>${text === undefined ? '' : ` ${text}`}`,
    );
  }

  /** The id of the last item. */
  get last(): string | null {
    return this.all.at(-1)?.id ?? null;
  }

  add(item: ServerItem): void {
    this.all.push(item);
  }

  create({ item, previous_item_id: previous }: Of<'conversation.item.create'>): Refused {
    const id = item.id ?? `item_made_${this.all.length}`;
    if (this.all.some((one) => one.id === id))
      return refusal(
        'item_create_duplicate_item_id',
        `Error adding item: an item with ID '${id}' already exists.`,
      );
    const after =
      previous === undefined ? this.all.length - 1 : this.all.findIndex((one) => one.id === previous);
    if (after < 0 && previous !== 'root' && previous !== undefined)
      return refusal(
        'item_create_invalid_previous_item_id',
        `Item with previous ID '${previous}' not found.`,
      );
    const wanted = item.role === 'assistant' ? 'output_text' : 'input_text';
    const [content] = item.content;
    if (content?.type !== wanted)
      return refusal(
        'invalid_value',
        `Invalid value: '${content?.type}'. Supported values are: '${wanted}'.`,
      );
    const { role } = item;
    const made: ServerItem = { id, role, text: content.text, audio: undefined, status: 'completed' };
    this.all.splice(after + 1, 0, made);
    const resource = { object: 'realtime.item', status: 'completed', ...item, id };
    this.#send({ type: 'conversation.item.added', previous_item_id: previous ?? null, item: resource });
    this.#send({ type: 'conversation.item.done', previous_item_id: previous ?? null, item: resource });
    return undefined;
  }

  delete({ item_id: id }: Of<'conversation.item.delete'>): Refused {
    const index = this.all.findIndex((one) => one.id === id);
    if (index < 0)
      return refusal(
        'item_delete_invalid_item_id',
        `Error deleting item: the item with id '${id}' does not exist.`,
      );
    this.all.splice(index, 1);
    this.#send({ type: 'conversation.item.deleted', item_id: id });
    return undefined;
  }

  truncate({ item_id: id, audio_end_ms: endMs }: Of<'conversation.item.truncate'>): Refused {
    const item = this.all.find((one) => one.id === id);
    if (item === undefined)
      return refusal('item_truncate_invalid_item_id', `Error truncating item: '${id}' does not exist.`);
    if (item.role !== 'assistant' || item.audio === undefined || endMs === 0)
      return refusal('unsupported_content_type', 'Only model output audio messages can be truncated');
    const lengthMs = item.audio.length / BYTES_PER_MS - COUNTED_LESS_MS;
    if (endMs > lengthMs)
      return refusal('invalid_value', `Audio content of ${lengthMs}ms is already shorter than ${endMs}ms`);
    item.audio = item.audio.subarray(0, endMs * BYTES_PER_MS);
    item.text = undefined;
    this.#send({ type: 'conversation.item.truncated', item_id: id, content_index: 0, audio_end_ms: endMs });
    return undefined;
  }
}

function refusal(code: string, message: string): Refused {
  return { code, message, param: null };
}
