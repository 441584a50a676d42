import type { CallClaims } from '../../cluster/calls/call-claims.ts';
import type { JournalReplication } from '../../cluster/journals/journal-replication.ts';
import type { Clock } from '../../events/clock.ts';
import type { Journal } from '../../journal/journal.ts';
import { componentLog, type Log } from '../../log.ts';
import type { ProcessCalls } from '../processes/process-calls.ts';
import { isFromBrowser } from '../../telephony/browser-gateway.ts';
import type { ReleaseResult } from './machine-messages.ts';

/** The other machine waits for the answer, and a caller for that machine. */
const REPLICATED_WITHIN_MS = 400;

export interface CallHandOverOptions {
  readonly calls: Pick<ProcessCalls, 'registry' | 'storage'>;
  readonly claims: CallClaims;
  readonly replication: Pick<JournalReplication, 'replicated'>;
  readonly log: Log;
  readonly clock: Pick<Clock, 'now'>;
}

/** Gives calls of this machine to another one, and lets go of those that another one has taken. */
export class CallHandOver {
  readonly #options: CallHandOverOptions;
  readonly #log: Log;
  /** Calls that were given away already: if Twilio asks this machine again, they stay until the end. */
  readonly #given = new Set<string>();
  /** Calls whose journals are not complete in Redis yet. */
  readonly #releasing = new Map<string, Promise<ReleaseResult>>();

  constructor(options: CallHandOverOptions) {
    this.#options = options;
    this.#log = componentLog(options.log, 'machines');
  }

  /**
   * Another machine wants to go on with the call. Its journal in Redis is complete when this resolves with `released`, also if the call is being
   * given away already: Twilio asks the other machine as soon as the stream is closed.
   */
  release(callSid: string, hasNewStream: boolean): Promise<ReleaseResult> {
    const running = this.#releasing.get(callSid);
    if (running) return running;
    const work = this.#release(callSid, hasNewStream).finally(() => this.#releasing.delete(callSid));
    this.#releasing.set(callSid, work);
    return work;
  }

  async #release(callSid: string, hasNewStream: boolean): Promise<ReleaseResult> {
    const { calls, claims, replication, clock } = this.#options;
    const { registry, storage } = calls;
    const known = registry.list().find(({ identity }) => identity.callSid === callSid);
    if (!known) return storage.isFinished(callSid) ? 'live' : 'unknown';
    const isEnding = registry.get(callSid)?.endingByUs ?? false;
    if (isEnding || (known.state === 'live' && !hasNewStream)) return 'live';
    const journal = registry.handOver(callSid, clock.now());
    if (journal === undefined || journal === 'announced') {
      await claims.release(callSid);
      return 'released';
    }
    const isComplete = await this.#isReplicated(journal, replication);
    if (!isComplete)
      this.#log.error({ callSid }, 'the end of a journal was not replicated before its call was handed over');
    await claims.release(callSid);
    await this.#leave(callSid, journal);
    this.#log.info({ callSid }, 'handed a call over to another machine');
    return 'released';
  }

  /** Gives calls to the other machines because this one ends: all of them, or those in which it is hardly noticed, each once. */
  async giveAway(which: 'all' | 'between turns'): Promise<void> {
    const { registry } = this.#options.calls;
    const due = registry.list().filter(({ identity }) => {
      if (isFromBrowser(identity)) return false;
      return which === 'all' || this.#isQuiet(identity.callSid);
    });
    for (const { identity } of due) this.#given.add(identity.callSid);
    await Promise.all(due.map(({ identity }) => this.release(identity.callSid, true)));
  }

  #isQuiet(callSid: string): boolean {
    return !this.#given.has(callSid) && this.#options.calls.registry.get(callSid)?.isBetweenTurns === true;
  }

  /** Another machine has taken the call: nothing more of it is written here. */
  async lost(callSid: string): Promise<void> {
    const { calls, claims, clock } = this.#options;
    claims.lost(callSid);
    const journal = calls.registry.handOver(callSid, clock.now());
    if (journal === undefined) return;
    this.#log.warn({ callSid }, 'another machine has taken this call');
    if (journal !== 'announced') await this.#leave(callSid, journal);
  }

  async #isReplicated(
    journal: Journal,
    replication: Pick<JournalReplication, 'replicated'>,
  ): Promise<boolean> {
    try {
      await journal.written();
    } catch {
      return false;
    }
    return replication.replicated(journal.callSid, REPLICATED_WITHIN_MS);
  }

  async #leave(callSid: string, journal: Journal): Promise<void> {
    const { encoding, finalized } = this.#options.calls.storage;
    encoding.ends(journal.path);
    await journal.close('outdated');
    await encoding.forget(journal.path);
    finalized.publish(callSid);
  }
}
