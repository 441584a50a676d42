import type { entryResponse, noteResponse } from '../../src/api/call-responses.ts';
import type { TurnTiming } from '../../src/records/reconstructed-call.ts';
import type { TranscriptTurn } from '../../src/records/text/transcript.ts';
import { askServer, isTemporary, posting, sentenceFor } from '../frame/ask-server.ts';
import { LookAgain } from '../frame/look-again.ts';
import { lacksTranscription } from '../frame/server-status.ts';

export type CallEntry = ReturnType<typeof entryResponse>;
export type CallNote = ReturnType<typeof noteResponse>;

interface Refusal {
  readonly place: string;
  readonly sentence: string;
}

/** One past call: its data and the actions on it. */
export class PastCall {
  readonly address: string;
  entry: CallEntry | undefined;
  /** Why the last action was refused, and the place of its control. */
  refusal: Refusal | undefined;
  /** The reason why there is nothing to show. */
  missing = '';
  removed = false;
  /** By the id of the caller's turn: how the reply to it came about. */
  timings: ReadonlyMap<string, TurnTiming> = new Map();
  /** The reason why the times of the replies could not be loaded. */
  timingsMissing = '';
  /** A request is pending. */
  busy = false;
  readonly #lookAgain = new LookAgain(() => void this.#load());
  readonly #changed: () => void;

  constructor(callSid: string, changed: () => void) {
    this.address = `/api/calls/${encodeURIComponent(callSid)}`;
    this.#changed = changed;
    void this.#load();
  }

  /** Why the action of this place was refused. */
  refusalAt(place: string): string | undefined {
    return this.refusal?.place === place ? this.refusal.sentence : undefined;
  }

  addNote(text: string): Promise<boolean> {
    return this.#ask('note', '/notes', posting({ text }));
  }

  removeNote(id: string): Promise<boolean> {
    return this.#ask(`note-${id}`, `/notes/${encodeURIComponent(id)}`, { method: 'DELETE' });
  }

  hold(reason: string): Promise<boolean> {
    return this.#ask('reason', '/hold', posting({ reason }, 'PUT'));
  }

  release(): Promise<boolean> {
    return this.#ask('reason', '/hold', { method: 'DELETE' });
  }

  async remove(): Promise<void> {
    this.removed = await this.#ask('delete', '', { method: 'DELETE' }, false);
    this.#changed();
  }

  /** Resolves with true if the request succeeded. */
  async #ask(place: string, path: string, request: RequestInit, reload = true): Promise<boolean> {
    this.busy = true;
    this.refusal = undefined;
    this.#changed();
    try {
      await askServer(this.address + path, request);
      if (reload) await this.#load();
      return true;
    } catch (error) {
      this.refusal = { place, sentence: sentenceFor(error) };
      return false;
    } finally {
      this.busy = false;
      this.#changed();
    }
  }

  async #load(): Promise<void> {
    try {
      const isFirst = this.entry === undefined;
      this.entry = await askServer<CallEntry>(this.address);
      this.missing = '';
      const willChange = changesByItself(this.entry);
      if (isFirst || !willChange) await this.#loadTimings(this.entry);
      this.#lookAgain.after(willChange && !this.removed);
    } catch (error) {
      this.missing = sentenceFor(error);
      this.#lookAgain.afterFailure(isTemporary(error) && !this.removed);
    }
    this.#changed();
  }

  /** The catalogue does not have them. A call of an earlier version has none. */
  async #loadTimings({ links }: CallEntry): Promise<void> {
    if (links.record === undefined || this.timings.size > 0) return;
    try {
      const { turns } = await askServer<{ turns: readonly TranscriptTurn[] }>(links.record);
      this.timings = new Map(turns.flatMap(({ id, timing }) => (timing ? [[id, timing] as const] : [])));
      this.timingsMissing = '';
    } catch (error) {
      this.timingsMissing = sentenceFor(error);
    }
  }
}

/** Its files are being made, or texts are still being fetched. */
function changesByItself({ state, unwritten, pending = 0 }: CallEntry): boolean {
  if (state === 'finished') return pending > 0 && !lacksTranscription();
  return unwritten === undefined;
}
