import { renameSync, rmSync } from 'node:fs';
import type { CallHistory, CallIdentity } from '../call/call-options.ts';
import type { EndedCall } from '../call/call-registry-options.ts';
import type { JournalStore } from '../journal/journal-store.ts';
import type { Journal } from '../journal/journal.ts';
import type { ProcessLease } from '../journal/process-lease.ts';
import type { Log } from '../log.ts';
import { callHistory } from '../records/call-history.ts';
import type { JournalWorker } from '../records/journal-jobs.ts';
import type { DataDirectory, JournalFile } from '../storage/data-directory.ts';
import { isTransient, rootCause } from '../storage/failure-kind.ts';

export interface OrphanedJournalsOptions {
  readonly folders: DataDirectory;
  readonly owner: ProcessLease;
  readonly journals: JournalStore;
  readonly worker: Pick<JournalWorker, 'read'>;
  readonly log: Log;
}

/** A journal that is ours by now: the call is over, or its caller may still be there. */
export type ClaimedCall =
  | { readonly kind: 'over'; readonly call: EndedCall<Journal> }
  | {
      readonly kind: 'open';
      readonly identity: CallIdentity;
      readonly journal: Journal;
      readonly history: CallHistory;
    };

/** Finds the journals that no living process holds, and makes them ours. */
export class OrphanedJournals {
  readonly #parts: OrphanedJournalsOptions;

  constructor(parts: OrphanedJournalsOptions) {
    this.#parts = parts;
  }

  /** Journals of processes that have died. */
  async dead(): Promise<JournalFile[]> {
    const dead: JournalFile[] = [];
    for (const found of this.#parts.folders.activeJournals())
      if (!(await this.isHeld(found))) dead.push(found);
    return dead;
  }

  /** Journals of one call that other processes have written. */
  of(callSid: string): JournalFile[] {
    const { folders, owner } = this.#parts;
    return folders.activeJournals().filter((found) => found.callSid === callSid && found.owner !== owner.id);
  }

  /** Whether a living process writes it. */
  async isHeld({ owner }: JournalFile): Promise<boolean> {
    return owner !== undefined && (await this.#parts.owner.isAlive(owner));
  }

  async isHeldElsewhere(callSid: string): Promise<boolean> {
    for (const found of this.of(callSid)) if (await this.isHeld(found)) return true;
    return false;
  }

  /** Undefined where another process was faster, or there is no call in it, or the disk refuses. */
  async takeUp(found: JournalFile): Promise<ClaimedCall | undefined> {
    const { callSid } = found;
    const { folders, owner, journals, worker, log } = this.#parts;
    try {
      const path = folders.claim(found, owner.id);
      if (path === undefined) return undefined;
      if (folders.isBeingErased(callSid)) {
        rmSync(path, { force: true });
        return undefined;
      }
      const call = await worker.read(path);
      if (!call) {
        log.warn({ callSid }, 'a journal holds no call and is put aside');
        folders.setAsideUnreadable(callSid, path);
        return undefined;
      }
      const history = callHistory(call);
      const journal = journals.takeUp(path, callSid);
      log.info({ callSid, over: history === undefined }, 'took up a call that was left behind');
      if (history) {
        // What was sent and not yet heard when the process died was never heard: Twilio drops it with the socket.
        journal.append({ kind: 'stream-end', atMs: call.endedAtMs, reason: 'crash' });
        return { kind: 'open', identity: { callSid, from: call.from, to: call.to }, journal, history };
      }
      if (call.endReason === undefined) interrupt(journal, call.endedAtMs);
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
      renameSync(folders.journalPath(callSid, owner.id), folders.pendingPath(callSid));
      folders.unwritten.add(callSid, rootCause(error));
    } catch (moveError) {
      log.error({ callSid, err: moveError }, 'a journal could not be moved to the waiting ones');
    }
  }
}

/** Its caller will not come back: the call ends where its process did. */
export function interrupt(journal: Journal, atMs: number): void {
  journal.append({ kind: 'end', atMs, reason: 'interrupted' });
}
