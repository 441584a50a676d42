import { SAMPLES_PER_MS } from '../../../audio/telephone.ts';
import type { ConversationEntry, ConversationTurn } from '../../../call/ports.ts';
import { createItem, deleteItem, truncateItem } from './conversation-messages.ts';

/** An item of the server's conversation. */
export interface MemoryItem {
  /** The server's id, once it is known. */
  id: string | undefined;
  /** Its text; undefined: it is audio. */
  readonly text?: string | undefined;
  /** What the server has of the model's audio, in milliseconds. */
  receivedMs?: number;
  /** Where the server was told to cut it. */
  truncatedMs?: number;
  /** It is to be deleted as soon as its id is known. */
  isDropped?: boolean;
}

/** Cuts whose refusal is understood. */
const MAX_CUTS = 20;
/** A response of which less than this is missing was heard whole. */
const WHOLE_WITHIN_MS = 150;

/**
 * What the server remembers of a call, in items of its conversation. Before each reply it is made equal to the call's own record, which
 * knows what was heard.
 */
export class ConversationMemory {
  readonly #send: (message: string) => void;
  /** By the entry of the call's conversation: `turn 2`, `response 5`, `note 1`. */
  readonly #items = new Map<string, MemoryItem>();
  /** Cuts that the server may refuse, by the ids of their messages. */
  readonly #cuts = new Map<string, { readonly key: string; readonly entry: ConversationTurn }>();
  #numbered = 0;

  constructor(send: (message: string) => void) {
    this.#send = send;
  }

  /** An item of the caller's speech, or of the model's. */
  add(key: string, item: MemoryItem): void {
    this.#items.set(key, item);
  }

  /** The server has given the item its id. */
  named(item: MemoryItem, id: string): void {
    item.id = id;
    if (item.isDropped) this.#send(deleteItem(this.#eventId(), id));
  }

  /** The item is no part of the conversation. */
  drop(item: MemoryItem): void {
    item.isDropped = true;
    if (item.id !== undefined) this.#send(deleteItem(this.#eventId(), item.id));
  }

  /** Makes the server's memory equal to these entries. `hasMore`: an utterance that is not among them is its last item. */
  correct(entries: readonly ConversationEntry[], hasMore: boolean): void {
    const kept = new Set(entries.map(keyOf));
    for (const [key, item] of this.#items) {
      if (kept.has(key)) continue;
      this.#items.delete(key);
      this.drop(item);
    }
    let after: string | undefined = 'root';
    for (const [index, entry] of entries.entries()) {
      const isLast = !hasMore && !entries.slice(index + 1).some((one) => this.#items.has(keyOf(one)));
      after = this.#correct(entry, isLast ? undefined : after) ?? after;
    }
  }

  /** The server refused this message. Returns false if it was not one of ours. */
  refused(eventId: string): boolean {
    if (!eventId.startsWith(EVENT)) return false;
    const cut = this.#cuts.get(eventId);
    this.#cuts.delete(eventId);
    // What was heard is kept as text instead.
    if (cut) this.#replace(cut.key, cut.entry, undefined);
    return true;
  }

  /** Returns the id of the entry's item. */
  #correct(entry: ConversationEntry, after: string | undefined): string | undefined {
    const key = keyOf(entry);
    const { speaker, text, spoken } = entry;
    const known = this.#items.get(key);
    if (known === undefined)
      return text === undefined ? undefined : this.#create(key, { speaker, text }, after);
    if (spoken && text !== undefined) this.#cut(key, known, { speaker, text }, spoken.heardSamples);
    else if (known.text !== undefined && text !== undefined && known.text !== text)
      return this.#replace(key, { speaker, text }, after);
    return known.id;
  }

  #create(key: string, turn: ConversationTurn, after: string | undefined): string {
    const id = `offhook_${(this.#numbered += 1)}`;
    this.#items.set(key, { id, text: turn.text });
    this.#send(createItem(this.#eventId(), id, turn, after));
    return id;
  }

  #replace(key: string, turn: ConversationTurn, after: string | undefined): string {
    const known = this.#items.get(key);
    const id = this.#create(key, turn, after ?? known?.id);
    if (known) this.drop(known);
    return id;
  }

  #cut(key: string, item: MemoryItem, entry: ConversationTurn, heardSamples: number): void {
    const heardMs = Math.floor(heardSamples / SAMPLES_PER_MS);
    const { id, receivedMs = 0, truncatedMs = Infinity } = item;
    if (id === undefined || heardMs > receivedMs - WHOLE_WITHIN_MS || heardMs >= truncatedMs) return;
    item.truncatedMs = heardMs;
    const eventId = this.#eventId();
    this.#cuts.set(eventId, { key, entry });
    if (this.#cuts.size > MAX_CUTS) this.#cuts.delete([...this.#cuts.keys()][0]!);
    this.#send(truncateItem(eventId, id, heardMs));
  }

  #eventId(): string {
    return `${EVENT}${(this.#numbered += 1)}`;
  }
}

const EVENT = 'memory-';

/** The items of the model's speech are known by their requests. */
function keyOf({ id, spoken }: ConversationEntry): string {
  return spoken ? responseKey(spoken.request) : id;
}

export function responseKey(request: number): string {
  return `response ${request}`;
}

export function turnKey(turn: number): string {
  return `turn ${turn}`;
}
