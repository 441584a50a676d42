import { SAMPLES_PER_MS } from '../../../audio/telephone.ts';
import type { ConversationEntry, ConversationTurn } from '../../../call/ports.ts';
import { createItem, deleteItem, truncateItem } from './conversation-messages.ts';

/** What the server's conversation has of one entry of the call's conversation. */
export interface MemoryItem {
  /** The server's items, once their ids are known: one, or several of a response whose model divides it. */
  readonly parts: MemoryPart[];
  /** Its text; undefined: it is audio. */
  readonly text?: string | undefined;
  /** The response was cancelled: the server may have more of its audio than arrived here. */
  isIncomplete?: boolean;
  /** Where the server was told to cut its audio. */
  truncatedMs?: number;
  /** The server refused it: nothing of it is there. */
  isMissing?: boolean;
  /** Its parts are to be deleted as soon as their ids are known. */
  isDropped?: boolean;
}

/** An item of the server. */
export interface MemoryPart {
  readonly id: string;
  /** What arrived of its audio, in milliseconds. */
  receivedMs: number;
}

/** Messages whose refusal is understood: more than one correction has. */
const MAX_REFUSABLE = 200;
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
  /** What to do if the server refuses a message, by its id. */
  readonly #refusable = new Map<string, () => void>();
  #numbered = 0;

  constructor(send: (message: string) => void) {
    this.#send = send;
  }

  /** An item of the caller's speech, or of the model's. */
  add(key: string, item: MemoryItem): void {
    this.#items.set(key, item);
  }

  /** The server has given the item, or the next part of it, its id. */
  named(item: MemoryItem, id: string): void {
    if (item.parts.some((part) => part.id === id)) return;
    item.parts.push({ id, receivedMs: 0 });
    if (item.isDropped) this.delete(id);
  }

  /** This entry's item, or the next part of it, once its id is known. Returns false if the entry is there as another item. */
  claim(key: string, item: MemoryItem, id: string | undefined): boolean {
    if (!this.#items.has(key)) this.add(key, item);
    if (this.#items.get(key) !== item) return false;
    if (id === undefined) return true;
    item.isMissing = false;
    this.named(item, id);
    return true;
  }

  /** An item of the server's is no part of the conversation. */
  delete(id: string): void {
    this.#send(deleteItem(this.#eventId(), id));
  }

  /** The item is no part of the conversation. */
  drop(item: MemoryItem): void {
    item.isDropped = true;
    for (const { id } of item.parts) this.delete(id);
  }

  /** The keys of all items. */
  get keys(): ReadonlySet<string> {
    return new Set(this.#items.keys());
  }

  /**
   * Makes the server's memory equal to these entries. `hasMore`: an utterance that is not among them is its last item. `known`: the keys
   * when the entries were listed; a turn that ended since then is kept.
   */
  correct(
    entries: readonly ConversationEntry[],
    { hasMore, known }: { readonly hasMore: boolean; readonly known: ReadonlySet<string> },
  ): void {
    const kept = new Set(entries.map(keyOf));
    for (const [key, item] of this.#items) {
      if (kept.has(key) || !known.has(key)) continue;
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
    this.#refusable.get(eventId)?.();
    this.#refusable.delete(eventId);
    return true;
  }

  /** Returns the id of the entry's item. */
  #correct(entry: ConversationEntry, after: string | undefined): string | undefined {
    const key = keyOf(entry);
    const { speaker, text, spoken } = entry;
    const found = this.#items.get(key);
    const known = found?.isMissing ? undefined : found;
    if (known === undefined)
      return text === undefined ? undefined : this.#create(key, { speaker, text }, after);
    if (spoken) this.#cut(key, known, { speaker, text: text ?? '' }, spoken.heardSamples);
    else if (known.text !== undefined && text !== undefined && known.text !== text)
      return this.#replace(key, { speaker, text }, after);
    return this.#items.get(key)?.parts.at(-1)?.id;
  }

  #create(key: string, turn: ConversationTurn, after: string | undefined): string {
    const id = `offhook_${(this.#numbered += 1)}`;
    const item = { parts: [{ id, receivedMs: 0 }], text: turn.text };
    this.#items.set(key, item);
    // Later items are not to follow one that does not exist.
    const eventId = this.#refusableId(() => (item.parts.length = 0));
    this.#send(createItem(eventId, id, turn, after));
    return id;
  }

  #replace(key: string, turn: ConversationTurn, after: string | undefined): string {
    const known = this.#items.get(key);
    const id = this.#create(key, turn, after ?? known?.parts.at(-1)?.id);
    if (known) this.drop(known);
    return id;
  }

  /** Leaves what was heard of a response: its beginning, on the whole or in its first parts. */
  #cut(key: string, item: MemoryItem, entry: ConversationTurn, heardSamples: number): void {
    const heardMs = Math.floor(heardSamples / SAMPLES_PER_MS);
    const { truncatedMs = Infinity } = item;
    // A reply that continued after it was cut here: the server does not have its audio any more.
    if (heardMs > truncatedMs + WHOLE_WITHIN_MS) return this.#saveText(key, entry);
    if (heardMs >= truncatedMs) return;
    let startMs = 0;
    for (const part of [...item.parts]) {
      const restMs = heardMs - startMs;
      startMs += part.receivedMs;
      const isLast = part === item.parts.at(-1);
      const missesMs = item.isIncomplete && isLast ? 0 : WHOLE_WITHIN_MS;
      if (restMs > part.receivedMs - missesMs) continue;
      item.truncatedMs = heardMs;
      if (restMs <= 0) this.#delete(item, part);
      else {
        // If that is refused, what was heard is kept as text.
        const eventId = this.#refusableId(() => this.#saveText(key, entry));
        this.#send(truncateItem(eventId, part.id, restMs));
      }
    }
  }

  /** What was heard of a response is kept as text, if its words are known. */
  #saveText(key: string, entry: ConversationTurn): void {
    if (entry.text !== '') this.#replace(key, entry, undefined);
  }

  /** Nothing of this part was heard. */
  #delete(item: MemoryItem, part: MemoryPart): void {
    item.parts.splice(item.parts.indexOf(part), 1);
    this.delete(part.id);
  }

  #refusableId(refused: () => void): string {
    const eventId = this.#eventId();
    this.#refusable.set(eventId, refused);
    if (this.#refusable.size > MAX_REFUSABLE) this.#refusable.delete([...this.#refusable.keys()][0]!);
    return eventId;
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
