import type { EndedCall } from '../call/call-registry-options.ts';
import type { Journal } from '../journal/journal.ts';
import type { JournalFile } from '../storage/data-directory.ts';
import type { ClaimedCall, OrphanedJournals } from './orphaned-journals.ts';

/** Twilio waits 15 s for an answer; a call whose past is not known by then is not begun anew. */
const SETTLED_WITHIN_MS = 8_000;

export interface CallRecoveryOptions {
  readonly leftBehind: OrphanedJournals;
  /** The caller may still be there. */
  goOn(call: Extract<ClaimedCall, { kind: 'open' }>): void;
  /** The call is over: it counts as being finished from now on, and `finish` comes later. */
  over(callSid: string): void;
  finish(call: EndedCall<Journal>): void;
}

/** Takes up the calls of dead processes: all of them from time to time, and one at once when it is asked for. */
export class CallRecovery {
  readonly #parts: CallRecoveryOptions;
  /** Journals that are just being read. */
  readonly #takingUp = new Map<string, Promise<void>>();

  constructor(parts: CallRecoveryOptions) {
    this.#parts = parts;
  }

  /** Those that may go on first: nobody waits for the files of the others. */
  async takeAll(): Promise<void> {
    const over: EndedCall<Journal>[] = [];
    for (const found of await this.#parts.leftBehind.dead())
      await this.#takeUp(found, (call) => over.push(call));
    for (const call of over) this.#parts.finish(call);
  }

  /**
   * To be asked before a call begins here: what a dead process left of it is taken up first. Resolves with false where a
   * living process holds it. Undefined where no other process has left anything of it.
   */
  settle(callSid: string): Promise<boolean> | undefined {
    const found = this.#parts.leftBehind.of(callSid);
    if (found.length === 0 && !this.#takingUp.has(callSid)) return undefined;
    return Promise.race([this.#settle(callSid, found), tooLate(SETTLED_WITHIN_MS)]);
  }

  async #settle(callSid: string, found: readonly JournalFile[]): Promise<boolean> {
    await this.#takingUp.get(callSid);
    for (const journal of found) {
      if (await this.#parts.leftBehind.isHeld(journal)) return false;
      await this.#takeUp(journal, (call) => this.#parts.finish(call));
    }
    return true;
  }

  /** Nobody begins the call anew meanwhile. */
  async #takeUp(found: JournalFile, over: (call: EndedCall<Journal>) => void): Promise<void> {
    const { callSid } = found;
    if (this.#takingUp.has(callSid)) return this.#takingUp.get(callSid);
    const work = this.#parts.leftBehind.takeUp(found).then((taken) => {
      if (taken?.kind === 'over') {
        this.#parts.over(callSid);
        over(taken.call);
      } else if (taken) this.#parts.goOn(taken);
    });
    this.#takingUp.set(callSid, work);
    await work.finally(() => this.#takingUp.delete(callSid));
  }
}

function tooLate(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms).unref());
}
