import { renameSync, rmSync } from 'node:fs';
import type { History, Identity } from './call/call-parts.ts';
import type { OverCall } from './call/calls.ts';
import type { Folders, FoundJournal } from './installation/folders.ts';
import type { DiskJournal } from './installation/disk-journal.ts';
import type { Journals } from './installation/journals.ts';
import type { Owner } from './installation/owner.ts';
import type { Log } from './log.ts';
import type { CaseWorker } from './recording/case-worker.ts';
import { isTransient, rootCause } from './recording/failure-kind.ts';

export interface LeftBehindParts {
  readonly folders: Folders;
  readonly owner: Owner;
  readonly journals: Journals;
  readonly worker: CaseWorker;
  readonly log: Log;
}

/** A journal that is ours by now: the call is over, or its caller may still be there. */
export type TakenUp =
  | { readonly kind: 'over'; readonly call: OverCall<DiskJournal> }
  | {
      readonly kind: 'open';
      readonly identity: Identity;
      readonly journal: DiskJournal;
      readonly history: History;
    };

/** Finds the journals that no living process holds, and makes them ours. */
export class LeftBehind {
  readonly #parts: LeftBehindParts;

  constructor(parts: LeftBehindParts) {
    this.#parts = parts;
  }

  /** Journals of processes that have died. */
  async dead(): Promise<FoundJournal[]> {
    const dead: FoundJournal[] = [];
    for (const found of this.#parts.folders.journalsFound())
      if (!(await this.isHeld(found))) dead.push(found);
    return dead;
  }

  /** Journals of one call that other processes have written. */
  of(callSid: string): FoundJournal[] {
    const { folders, owner } = this.#parts;
    return folders.journalsFound().filter((found) => found.callSid === callSid && found.owner !== owner.id);
  }

  /** Whether a living process writes it. */
  async isHeld({ owner }: FoundJournal): Promise<boolean> {
    return owner !== undefined && (await this.#parts.owner.lives(owner));
  }

  async isHeldElsewhere(callSid: string): Promise<boolean> {
    for (const found of this.of(callSid)) if (await this.isHeld(found)) return true;
    return false;
  }

  /** Undefined where another process was faster, or there is no call in it, or the disk refuses. */
  async takeUp(found: FoundJournal): Promise<TakenUp | undefined> {
    const { callSid } = found;
    const { folders, owner, journals, worker, log } = this.#parts;
    try {
      const path = folders.claim(found, owner.id);
      if (path === undefined) return undefined;
      if (folders.isCondemned(callSid)) {
        rmSync(path, { force: true });
        return undefined;
      }
      const state = await worker.state(path);
      if (!state) {
        log.warn({ callSid }, 'a journal holds no call and is put aside');
        folders.putAside(callSid, path);
        return undefined;
      }
      const history = state.endReason === undefined ? await worker.history(path) : undefined;
      const journal = journals.takeUp(path, callSid);
      log.info({ callSid, over: history === undefined }, 'took up a call that was left behind');
      if (history) {
        // What was sent and not yet heard when the process died was never heard: Twilio drops it with the socket.
        journal.append({ kind: 'stream-end', atMs: state.endedAtMs, reason: 'crash' });
        return { kind: 'open', identity: { callSid, from: state.from, to: state.to }, journal, history };
      }
      if (state.endReason === undefined) interrupt(journal, state.endedAtMs);
      return { kind: 'over', call: { callSid, journal, call: undefined, leftOver: new Map() } };
    } catch (error) {
      log.error({ callSid, err: error }, 'a journal could not be taken up');
      if (!isTransient(error)) this.#keepUnwritten(callSid, error);
      return undefined;
    }
  }

  /** What is ours and cannot be read is kept where the next start, and `offhook finish`, try it again. */
  #keepUnwritten(callSid: string, error: unknown): void {
    const { folders, owner, log } = this.#parts;
    try {
      renameSync(folders.journalPath(callSid, owner.id), folders.waitingPath(callSid));
      folders.unwritten.add(callSid, rootCause(error));
    } catch (moveError) {
      log.error({ callSid, err: moveError }, 'a journal could not be moved to the waiting ones');
    }
  }
}

/** Its caller will not come back: the call ends where its process did. */
export function interrupt(journal: DiskJournal, atMs: number): void {
  journal.append({ kind: 'end', atMs, reason: 'interrupted' });
}
