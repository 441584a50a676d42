import type { RequestedText } from '../requested-text.ts';

/** Ended items whose late events are recognised. */
const MAX_REMEMBERED = 200;

/** Which text belongs to which commit of one session. The server answers commits in their order, with its ids of the items. */
export class CommitTable {
  /** Commits that have no item yet. */
  readonly #unanswered: RequestedText[] = [];
  readonly #byItem = new Map<string, RequestedText>();
  /** Items whose text has arrived or is not wanted any more. */
  readonly #ended = new Set<string>();

  /** The texts that are still to come. */
  get pending(): RequestedText[] {
    return [...this.#unanswered, ...this.#byItem.values()].filter(({ isPending }) => isPending);
  }

  get unanswered(): number {
    return this.#unanswered.length;
  }

  add(text: RequestedText): void {
    this.#unanswered.push(text);
  }

  /** Our oldest commit has become this item. False if there is none, or if it is an item that is known. */
  committed(item: string): boolean {
    if (this.of(item) !== undefined) return false;
    const text = this.#unanswered.shift();
    if (text === undefined) return false;
    // A cancelled text keeps its place in the order, and its item is known.
    if (text.isPending) this.#byItem.set(item, text);
    else this.#remember(item);
    text.progress();
    return true;
  }

  /** `ended`: its text has arrived or is not wanted any more. Undefined: no item of ours. */
  of(item: string): RequestedText | 'ended' | undefined {
    const text = this.#byItem.get(item);
    if (text?.isPending) return text;
    return text !== undefined || this.#ended.has(item) ? 'ended' : undefined;
  }

  /** Nothing more is awaited of this item. */
  end(item: string): void {
    this.#byItem.delete(item);
    this.#remember(item);
  }

  #remember(item: string): void {
    this.#ended.add(item);
    if (this.#ended.size > MAX_REMEMBERED) this.#ended.delete([...this.#ended][0]!);
  }
}
