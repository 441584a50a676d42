import type { RequestedText } from '../requested-text.ts';
import type { MemoryItem } from './conversation-memory.ts';

/** What the caller said without a pause that ended it, as the session has it. */
export interface HeardUtterance {
  /** The id of the message that committed it. */
  readonly label: string;
  readonly item: MemoryItem;
  /** Its text, which is still to come; undefined: the session gives none. */
  readonly text: RequestedText | undefined;
}

/** Ended texts whose late events are recognised. */
const MAX_REMEMBERED = 200;

/** The utterances of one session. The server answers commits in their order, with its ids of the items. */
export class HeardUtterances {
  /** Commits that have no item yet. */
  readonly #unanswered: HeardUtterance[] = [];
  readonly #byItem = new Map<string, HeardUtterance>();

  get unanswered(): number {
    return this.#unanswered.length;
  }

  /** All that are known. */
  get all(): HeardUtterance[] {
    return [...this.#unanswered, ...this.#byItem.values()];
  }

  add(utterance: HeardUtterance): void {
    this.#unanswered.push(utterance);
  }

  /** Our oldest commit has become this item. Undefined: there is none, or the item is known. */
  committed(item: string): HeardUtterance | undefined {
    if (this.#byItem.has(item)) return undefined;
    const utterance = this.#unanswered.shift();
    if (utterance === undefined) return undefined;
    this.#byItem.set(item, utterance);
    if (this.#byItem.size > MAX_REMEMBERED) this.#byItem.delete([...this.#byItem.keys()][0]!);
    return utterance;
  }

  /** The server has refused this commit. Undefined: no commit has this label. */
  refused(label: string): HeardUtterance | undefined {
    const index = this.#unanswered.findIndex((one) => one.label === label);
    return index < 0 ? undefined : this.#unanswered.splice(index, 1)[0];
  }

  of(item: string): HeardUtterance | undefined {
    return this.#byItem.get(item);
  }
}
