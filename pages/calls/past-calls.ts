import type { callResponse, searchHitResponse } from '../../src/api/call-responses.ts';
import { askServer, isTemporary, sentenceFor } from '../frame/ask-server.ts';
import { LookAgain } from '../frame/look-again.ts';
import { type CallFilter, contradictionIn, queryOf } from './call-filter.ts';

export type PastCall = ReturnType<typeof callResponse>;
export type Hit = ReturnType<typeof searchHitResponse>;

interface Answer {
  readonly calls?: readonly PastCall[];
  readonly hits?: readonly Hit[];
  readonly next?: string;
}

const PAGE = 25;

/** The list of past calls or search results, page by page. */
export class PastCalls {
  filter: CallFilter;
  answer: Answer | undefined;
  problem = '';
  loading = false;
  /** The cursors of the pages up to this one; the first page has none. */
  #cursors: (string | undefined)[] = [undefined];
  #asked = 0;
  readonly #lookAgain = new LookAgain(() => void this.#load(true));
  readonly #changed: () => void;

  constructor(filter: CallFilter, changed: () => void) {
    this.filter = filter;
    this.#changed = changed;
    void this.#load();
  }

  get pageNumber(): number {
    return this.#cursors.length;
  }

  find(filter: CallFilter): Promise<void> {
    this.filter = filter;
    this.#cursors = [undefined];
    return this.#load();
  }

  older(): Promise<void> {
    const next = this.answer?.next;
    if (next !== undefined) this.#cursors.push(next);
    return this.#load();
  }

  newer(): Promise<void> {
    if (this.#cursors.length > 1) this.#cursors.pop();
    return this.#load();
  }

  /** A call has ended and will appear in the list shortly. */
  callEnded(): void {
    this.#lookAgain.after(true);
  }

  /** `isQuiet`: the page says nothing of it before it has ended. */
  async #load(isQuiet = false): Promise<void> {
    const asked = (this.#asked += 1);
    const cursor = this.#cursors.at(-1);
    const contradiction = contradictionIn(this.filter);
    if (contradiction !== undefined) {
      this.problem = contradiction;
      this.answer = undefined;
      this.loading = false;
      this.#changed();
      return;
    }
    this.loading = !isQuiet;
    if (!isQuiet) this.#changed();
    try {
      const query = queryOf(this.filter, { limit: PAGE, ...(cursor !== undefined && { cursor }) });
      const answer = await askServer<Answer>(`${this.filter.q ? '/api/search' : '/api/calls'}?${query}`);
      if (asked !== this.#asked) return;
      this.answer = answer;
      this.problem = '';
    } catch (error) {
      if (asked !== this.#asked) return;
      this.problem = sentenceFor(error);
      // The previous results do not belong to this request.
      this.answer = undefined;
      this.loading = false;
      this.#changed();
      this.#lookAgain.afterFailure(isTemporary(error));
      return;
    }
    this.loading = false;
    this.#changed();
    const changes = ({ state, unwritten }: PastCall): boolean =>
      state !== 'finished' && unwritten === undefined;
    this.#lookAgain.after(this.answer?.calls?.some(changes) ?? false);
  }
}
