import type { RequestedText } from '../requested-text.ts';
import type { MemoryItem } from './conversation-memory.ts';

/** An utterance of the caller that we committed, because our turn detector decides where turns end. */
export interface CommittedUtterance {
  /** The id of the message that committed it. */
  readonly label: string;
  readonly item: MemoryItem;
  /** Its text, which is still to come; undefined: the session gives none. */
  readonly text: RequestedText | undefined;
}

/** Ended texts whose late events are recognised. */
const MAX_REMEMBERED = 200;

/** Our commits in one session. The server answers commits in their order, with its ids of the items. */
export class CommittedUtterances {
  /** Commits that have no item yet. */
  readonly #unanswered: CommittedUtterance[] = [];
  readonly #byItem = new Map<string, CommittedUtterance>();

  get unanswered(): number {
    return this.#unanswered.length;
  }

  /** All that are known. */
  get all(): CommittedUtterance[] {
    return [...this.#unanswered, ...this.#byItem.values()];
  }

  add(utterance: CommittedUtterance): void {
    this.#unanswered.push(utterance);
  }

  /** Our oldest commit has become this item. Undefined: there is none, or the item is known. */
  committed(item: string): CommittedUtterance | undefined {
    if (this.#byItem.has(item)) return undefined;
    const utterance = this.#unanswered.shift();
    if (utterance === undefined) return undefined;
    this.#byItem.set(item, utterance);
    if (this.#byItem.size > MAX_REMEMBERED) this.#byItem.delete([...this.#byItem.keys()][0]!);
    return utterance;
  }

  /** The server has refused this commit. Undefined: no commit has this label. */
  refused(label: string): CommittedUtterance | undefined {
    const index = this.#unanswered.findIndex((one) => one.label === label);
    return index < 0 ? undefined : this.#unanswered.splice(index, 1)[0];
  }

  of(item: string): CommittedUtterance | undefined {
    return this.#byItem.get(item);
  }
}
