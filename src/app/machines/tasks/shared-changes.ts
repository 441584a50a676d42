import type { CallClaims } from '../../../cluster/calls/call-claims.ts';
import type { ReplicatedJournals } from '../../../cluster/journals/replicated-journals.ts';
import { type Catalogue, CatalogueDown } from '../../../catalogue/catalogue.ts';
import type { Clock } from '../../../events/clock.ts';
import type { Log } from '../../../log.ts';
import type { Annotation } from '../../../records/annotations.ts';
import type { Hold } from '../../../records/call-entry.ts';
import type { HoldResult } from '../../../records/erasure.ts';
import type { CallRecord } from '../../../records/call-record.ts';
import type { CallTask, TaskResult } from '../../../records/call-task.ts';
import type { ErasureReason } from '../../../records/tombstone.ts';
import type { CallEraser } from '../../../retention/call-eraser.ts';
import type { CallErasure, ErasureReceipt } from '../../../retention/erasure-execution.ts';
import type { DirectoryTasks, TaskExecutor } from './directory-tasks.ts';

/** What a directory has of a call. `unknown`: its machine does not answer. */
export type CallStateThere = 'absent' | 'here' | 'live' | 'held' | 'unknown';

/** Machines that are alive, as changes of finished calls need them. */
export interface ChangePeers {
  /** What each of them has of a call. */
  statesOf(callSid: string): Promise<readonly CallStateThere[]>;
  /** Whether one of them has changed its finished call. */
  annotate(callSid: string, change: Annotation): Promise<boolean>;
}

/** Finished calls of this directory. */
export interface OwnCallFiles {
  readonly eraser: CallEraser;
  annotate(callSid: string, change: Annotation): Promise<CallRecord | undefined>;
}

export interface SharedChangesOptions {
  readonly tasks: DirectoryTasks;
  readonly peers: ChangePeers;
  readonly claims: Pick<CallClaims, 'read' | 'take' | 'done'>;
  readonly journals: Pick<ReplicatedJournals, 'remove'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/** Erasures, notes and holds of finished calls, whichever machines have their files. */
export class SharedChanges {
  readonly #options: SharedChangesOptions;

  constructor(options: SharedChangesOptions) {
    this.#options = options;
  }

  /** Does in this directory what other machines are asked for, also what they were asked for while it was not used. */
  begin(own: OwnCallFiles): Promise<void> {
    return this.#options.tasks.begin(new OwnDirectory(own));
  }

  /** Resolves when what was asked for while this directory was not used is done. */
  get settled(): Promise<void> {
    return this.#options.tasks.settled;
  }

  get isSettled(): boolean {
    return this.#options.tasks.isSettled;
  }

  /**
   * Erases a call in the directories of all machines. Those that are away erase it when they are back; the receipt names them. Rejects as
   * `CallEraser.erase`, and if too many erasures wait for other machines.
   */
  async erase({ eraser }: OwnCallFiles, callSid: string, reason: ErasureReason): Promise<CallErasure> {
    const { tasks, peers } = this.#options;
    const states = await peers.statesOf(callSid);
    if (states.includes('live')) return { outcome: 'live' };
    if (states.includes('held')) return { outcome: 'held' };
    await tasks.prepare(callSid, { kind: 'erase' });
    let own: CallErasure | undefined;
    try {
      own = await eraser.erase(callSid, reason);
    } finally {
      if (own === undefined || own.outcome === 'live' || own.outcome === 'held')
        await tasks.cancel(callSid, 'erase');
    }
    if (own.outcome === 'live' || own.outcome === 'held') return own;
    const { done, left } = await tasks.distribute(callSid, 'erase');
    // What the job of the call has stored or entered since.
    if (await this.#endJob(callSid)) await eraser.erase(callSid, reason);
    const isKnown = states.some((state) => state === 'here' || state === 'unknown');
    if (own.outcome === 'no-such-call' && !isKnown && left.length === 0) return own;
    const receipt: ErasureReceipt = 'receipt' in own ? own.receipt : this.#emptyReceipt(callSid, reason);
    const allLeft = [...(receipt.left ?? []), ...left];
    if (allLeft.length > 0)
      return { outcome: 'incomplete', receipt: { ...receipt, machines: done, left: allLeft } };
    return { outcome: 'erased', receipt: { ...receipt, machines: done } };
  }

  /** For erasing one call or many at all machines. */
  eraserOf(own: OwnCallFiles): Pick<CallEraser, 'erase' | 'eraseSome'> {
    const erase = (callSid: string, reason: ErasureReason): Promise<CallErasure> =>
      this.erase(own, callSid, reason);
    return {
      erase,
      eraseSome: async (callSids, reason, progress) => {
        const erasures = new Map<string, CallErasure>();
        for (const callSid of callSids) {
          progress?.(erasures.size, callSids.length);
          erasures.set(callSid, await erase(callSid, reason));
        }
        progress?.(erasures.size, callSids.length);
        return erasures;
      },
    };
  }

  /** Changes notes or hold of a finished call at the machine that has its files. False: no machine that answers has it. */
  annotate(callSid: string, change: Annotation): Promise<boolean> {
    return this.#options.peers.annotate(callSid, change);
  }

  /**
   * Sets the hold of a finished call that is in the shared catalogue, and that no machine has that answers: the catalogue has it at once,
   * the machine with the files when it is back.
   */
  async holdLater(
    callSid: string,
    hold: Hold | undefined,
    catalogue: Pick<Catalogue, 'get' | 'putHold'>,
  ): Promise<HoldResult> {
    const { tasks } = this.#options;
    const entry = await catalogue.get(callSid);
    if (entry?.state !== 'finished') return { outcome: 'no-such-call' };
    await tasks.prepare(callSid, { kind: 'hold', hold });
    await catalogue.putHold(callSid, hold).catch((error: unknown) => {
      if (!(error instanceof CatalogueDown)) throw error;
    });
    const { left } = await tasks.distribute(callSid, 'hold');
    return left.length > 0 ? { outcome: 'pending', left } : { outcome: 'set' };
  }

  /** Of a call of which this directory has nothing. */
  #emptyReceipt(callSid: string, because: ErasureReason): ErasureReceipt {
    const askedAt = new Date(this.#options.clock.now()).toISOString();
    return { callSid, because, askedAt, files: [], remote: [], catalogue: 'had no entry' };
  }

  /**
   * Ends the job of a call that lacks texts, wherever it is executed, and removes what Redis has of the journal. True: there may have been a
   * job, which may have written something meanwhile.
   */
  async #endJob(callSid: string): Promise<boolean> {
    const { claims, journals, log } = this.#options;
    try {
      const claim = await claims.read(callSid);
      if (!claim) return false;
      const fence = claim.isDone ? undefined : await claims.take(callSid, claim);
      await journals.remove(callSid, fence ?? claim.fence);
      if (fence !== undefined) await claims.done(callSid);
      return fence !== undefined;
    } catch (error) {
      log.warn({ callSid, err: error }, 'the copy of an erased journal in Redis expires later');
      return false;
    }
  }
}

/** Carries out what other machines were asked for. */
class OwnDirectory implements TaskExecutor {
  readonly #own: OwnCallFiles;

  constructor(own: OwnCallFiles) {
    this.#own = own;
  }

  async execute(callSid: string, task: CallTask): Promise<TaskResult | undefined> {
    const { eraser } = this.#own;
    if (task.kind === 'hold') {
      await this.#own.annotate(callSid, { kind: 'hold', hold: task.hold });
      return 'done';
    }
    const { outcome } = await eraser.eraseHere(callSid);
    if (outcome === 'live') return undefined;
    return outcome === 'held' || outcome === 'incomplete' ? outcome : 'done';
  }
}
