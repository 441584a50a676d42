import { renameSync, rmSync } from 'node:fs';
import type { CallHistory, CallIdentity } from '../call/call-options.ts';
import type { EndedCall } from '../call/call-store.ts';
import type { CallEventLog } from '../events/call-events.ts';
import type { JournalStore } from '../journal/journal-store.ts';
import type { Journal } from '../journal/journal.ts';
import type { ProcessLease } from '../journal/process-lease.ts';
import type { Log } from '../log.ts';
import { callHistory } from '../records/call-history.ts';
import type { ReconstructedCall } from '../records/reconstructed-call.ts';
import type { DataDirectory, JournalFile } from '../storage/data-directory.ts';
import { isTransient, rootCause } from '../storage/failure-kind.ts';

/** Reads the call that a journal holds. */
export interface CallReader {
  read(journal: string): Promise<ReconstructedCall | undefined>;
}

/** Receives what became of claims. */
export interface ClaimObserver {
  /** A journal is being claimed: its call must not be erased before the claim is settled. */
  claimBegan(callSid: string): void;
  /** The journal could not be claimed for now; the next round retries it. */
  claimRetried(callSid: string, error: unknown): void;
  /** The claim needs no retry. `ended`: the call has ended and will be finalized. */
  claimSettled(callSid: string, result: 'ended' | 'other'): void;
}

/** `outdated`: another machine has gone on with the call. `later`: that is not known now. */
export type JournalPermit = 'claim' | 'outdated' | 'later';

/** Knows which journals other machines have gone on with. */
export interface JournalPermits {
  /** Whether a journal that another process left in this directory is its call's latest one. */
  permit(journal: JournalFile): Promise<JournalPermit>;
}

export interface OrphanedJournalsOptions {
  readonly directories: DataDirectory;
  readonly lease: Pick<ProcessLease, 'id' | 'isAlive'>;
  readonly journals: Pick<JournalStore, 'resume'>;
  readonly worker: CallReader;
  readonly observer: ClaimObserver;
  /** Undefined: this machine is alone. */
  readonly permits?: JournalPermits | undefined;
  readonly log: Log;
}

/** A call whose journal belongs to this process now. */
export type ClaimedCall =
  | { readonly kind: 'ended'; readonly call: EndedCall<Journal> }
  | {
      /** The caller may still be there. */
      readonly kind: 'open';
      readonly identity: CallIdentity;
      readonly journal: Journal;
      readonly history: CallHistory;
    };

/** Finds the journals of crashed processes and claims them. */
export class OrphanedJournals {
  readonly #options: OrphanedJournalsOptions;

  constructor(options: OrphanedJournalsOptions) {
    this.#options = options;
  }

  /** Journals of crashed processes. */
  async all(): Promise<JournalFile[]> {
    const orphaned: JournalFile[] = [];
    for (const journal of this.#options.directories.activeJournals())
      if (!(await this.isHeld(journal))) orphaned.push(journal);
    return orphaned;
  }

  /** Journals of one call that other processes wrote. */
  of(callSid: string): JournalFile[] {
    const { directories, lease } = this.#options;
    return directories.activeJournals(callSid).filter(({ owner }) => owner !== lease.id);
  }

  /** Whether a live process writes the journal. */
  async isHeld({ owner }: JournalFile): Promise<boolean> {
    return owner !== undefined && (await this.#options.lease.isAlive(owner));
  }

  async isHeldElsewhere(callSid: string): Promise<boolean> {
    for (const journal of this.of(callSid)) if (await this.isHeld(journal)) return true;
    return false;
  }

  /** Undefined if another process claimed the journal first, it holds no call, or the disk refuses. */
  async claim(found: JournalFile): Promise<ClaimedCall | undefined> {
    const { callSid } = found;
    const { log, observer, permits } = this.#options;
    const permit = (await permits?.permit(found)) ?? 'claim';
    if (permit === 'outdated') this.#setAsideOutdated(found);
    if (permit !== 'claim') return undefined;
    observer.claimBegan(callSid);
    try {
      const path = this.#rename(found);
      const claimed = path === undefined ? undefined : await this.#open(path, callSid);
      observer.claimSettled(callSid, claimed?.kind === 'ended' ? 'ended' : 'other');
      return claimed;
    } catch (error) {
      log.error({ callSid, err: error }, 'journal recovery failed');
      if (isTransient(error)) {
        observer.claimRetried(callSid, error);
        this.#giveBack(found);
      } else {
        observer.claimSettled(callSid, 'other');
        this.#keepUnwritten(callSid, error);
      }
      return undefined;
    }
  }

  /** Opens a journal that was written to this process' own path for the call. */
  async adopt(callSid: string): Promise<ClaimedCall | undefined> {
    const { directories, lease, observer } = this.#options;
    observer.claimBegan(callSid);
    let claimed: ClaimedCall | undefined;
    try {
      claimed = await this.#open(directories.journalPath(callSid, lease.id), callSid);
    } finally {
      observer.claimSettled(callSid, claimed?.kind === 'ended' ? 'ended' : 'other');
    }
    return claimed;
  }

  #setAsideOutdated({ callSid, path }: JournalFile): void {
    const { directories, log } = this.#options;
    const kept = directories.outdatedPath(path);
    log.warn({ callSid, kept }, 'another machine has gone on with this call; its journal here is kept aside');
    renameSync(path, kept);
  }

  #rename(found: JournalFile): string | undefined {
    const { directories, lease } = this.#options;
    const path = directories.claim(found, lease.id);
    if (path !== undefined) directories.removeIncompleteRecording(found.callSid);
    if (path === undefined || !directories.isBeingErased(found.callSid)) return path;
    rmSync(path, { force: true });
    return undefined;
  }

  async #open(path: string, callSid: string): Promise<ClaimedCall | undefined> {
    const { directories, journals, worker, log } = this.#options;
    const call = await worker.read(path);
    if (!call) {
      log.warn({ callSid }, 'journal holds no call; it was set aside');
      directories.setAsideUnreadable(callSid, path);
      return undefined;
    }
    const history = callHistory(call);
    const journal = journals.resume(path, callSid);
    log.info({ callSid, ended: history === undefined }, 'recovered orphaned call');
    if (history) {
      // Audio that was sent and not yet heard at the crash was never heard: Twilio drops it with the socket.
      if (!call.moved) journal.append({ kind: 'stream-end', atMs: call.endedAtMs, reason: 'crash' });
      return { kind: 'open', identity: { callSid, from: call.from, to: call.to }, journal, history };
    }
    if (call.endReason === undefined) appendInterruptedEnd(journal, call.endedAtMs);
    return { kind: 'ended', call: { callSid, journal, call: undefined, untranscribed: new Map() } };
  }

  /** Returns a journal that could not be read for now to its former name, so that the next round claims it again. */
  #giveBack({ callSid, path }: JournalFile): void {
    const { directories, lease, log } = this.#options;
    try {
      renameSync(directories.journalPath(callSid, lease.id), path);
    } catch (error) {
      log.error({ callSid, err: error }, 'journal could not be returned for a retry');
    }
  }

  /** Keeps an unreadable journal where the next start, and `offhook finish`, retry it. */
  #keepUnwritten(callSid: string, error: unknown): void {
    const { directories, lease, log } = this.#options;
    try {
      renameSync(directories.journalPath(callSid, lease.id), directories.pendingPath(callSid));
      directories.unwritten.add(callSid, rootCause(error));
    } catch (moveError) {
      log.error({ callSid, err: moveError }, 'journal could not be moved to the pending journals');
    }
  }
}

/** A claimed call as one that has ended: if it was open, it ended with its process. */
export function endedCall(claimed: ClaimedCall): EndedCall<Journal> {
  if (claimed.kind === 'ended') return claimed.call;
  const { identity, journal, history } = claimed;
  appendInterruptedEnd(journal, history.zeroAtMs + history.endMs);
  return { callSid: identity.callSid, journal, call: undefined, untranscribed: new Map() };
}

function appendInterruptedEnd(journal: CallEventLog, atMs: number): void {
  journal.append({ kind: 'end', atMs, reason: 'interrupted' });
}
