import type { VoicedTime } from '../../../call/line-listener.ts';
import type { RequestedText } from '../requested-text.ts';

/** What the server's turn detection made of a stretch of the line. Times are call milliseconds. */
export interface DetectedItem {
  /** Undefined: our own commit, whose item is not known yet. */
  id: string | undefined;
  /** The id of the message, of our own commit. The server may give its item another id than that of the speech. */
  label: string | undefined;
  readonly startMs: number;
  /** Undefined while the server hears speech. */
  endMs: number | undefined;
  isCommitted: boolean;
  /** It was deleted from the server's conversation. */
  isDropped: boolean;
  /** Its words so far. */
  words: string;
  /** Its text, once it is committed; undefined: the session gives none. */
  text: RequestedText | undefined;
}

/** More than a turn has; older ones belong to turns whose texts are known. */
const MAX_ITEMS = 100;

/** The items of one session whose turns the server decides about, in order. */
export class DetectedItems {
  #all: DetectedItem[] = [];

  get all(): readonly DetectedItem[] {
    return this.#all;
  }

  /** The oldest of our own commits that the server has not answered. */
  get unanswered(): DetectedItem | undefined {
    return this.#all.find(({ label, isCommitted }) => label !== undefined && !isCommitted);
  }

  /** The end of the last item that has one. */
  get endMs(): number {
    return this.#all.findLast(({ endMs }) => endMs !== undefined)?.endMs ?? 0;
  }

  /** The one whose speech the server hears. */
  get open(): DetectedItem | undefined {
    return this.#all.find(({ endMs, isCommitted }) => endMs === undefined && !isCommitted);
  }

  of(id: string): DetectedItem | undefined {
    return this.#all.find((one) => one.id === id);
  }

  /** Speech that overlaps this time. */
  within({ startMs, endMs }: VoicedTime): DetectedItem[] {
    return this.#all.filter(
      (one) => !one.isDropped && one.startMs <= endMs && (one.endMs ?? Infinity) > startMs,
    );
  }

  add(item: Pick<DetectedItem, 'id' | 'startMs'> & Partial<DetectedItem>): DetectedItem {
    const added = {
      label: undefined,
      endMs: undefined,
      isCommitted: false,
      isDropped: false,
      words: '',
      text: undefined,
      ...item,
    };
    this.#all.push(added);
    if (this.#all.length > MAX_ITEMS) this.#all.shift()?.text?.complete('');
    return added;
  }

  remove(item: DetectedItem): void {
    this.#all = this.#all.filter((one) => one !== item);
  }

  /** Our own commit of this label, if the server has not answered it. */
  labelled(label: string): DetectedItem | undefined {
    return this.#all.find((one) => one.label === label && !one.isCommitted);
  }
}

/** True if its text is to be awaited, which has its own time limit: it is committed, or is about to be. */
export function isEnded({ isCommitted, text }: DetectedItem): boolean {
  return isCommitted || text !== undefined;
}

/** The words of several items. */
export function joined(words: readonly string[]): string {
  return words
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .join(' ');
}
