import type { Log } from '../../log.ts';
import type {
  FinalizerFailure,
  FinalizerObserver,
  FinalizerSuccess,
} from '../../records/finalization/finalizer-options.ts';
import { isTransient, rootCause } from '../../storage/failure-kind.ts';
import type { ClaimObserver } from '../../recovery/orphaned-journals.ts';
import type { UnwrittenCalls } from '../../storage/unwritten-calls.ts';

/** Which calls are being finalized, and why some have no files yet. Logs the finalizer's results. */
export class FinalizationStatus implements FinalizerObserver, ClaimObserver {
  readonly #unwritten: UnwrittenCalls;
  readonly #log: Log;
  readonly #finalizing = new Set<string>();
  /** Calls whose journals are being claimed from crashed processes. */
  readonly #claiming = new Set<string>();
  readonly #retrying = new Map<string, string>();

  constructor(unwritten: UnwrittenCalls, log: Log) {
    this.#unwritten = unwritten;
    this.#log = log;
  }

  get finalizing(): number {
    return this.#finalizing.size;
  }

  /** The reasons why files of calls could not be written and are retried, by CallSid. */
  get retrying(): ReadonlyMap<string, string> {
    return this.#retrying;
  }

  /** Whether the call's files are being written, or could not be written. */
  has(callSid: string): boolean {
    return this.#finalizing.has(callSid) || this.#unwritten.has(callSid);
  }

  /** Whether this process claims the call's journal or has claimed it for the finalizer. */
  isClaimed(callSid: string): boolean {
    return this.#claiming.has(callSid) || this.#finalizing.has(callSid);
  }

  /** The call has ended; its files are to be written. */
  begin(callSid: string): void {
    this.#finalizing.add(callSid);
  }

  /** The call's files were written, or cannot be. */
  end(callSid: string): void {
    this.#finalizing.delete(callSid);
    this.#retrying.delete(callSid);
  }

  claimBegan(callSid: string): void {
    this.#claiming.add(callSid);
  }

  claimRetried(callSid: string, error: unknown): void {
    this.#claiming.delete(callSid);
    this.#retrying.set(callSid, rootCause(error));
  }

  claimSettled(callSid: string, result: 'ended' | 'other'): void {
    this.#claiming.delete(callSid);
    // From now on it counts as being finalized; the finalizer may begin with it later.
    if (result === 'ended') this.begin(callSid);
    this.#retrying.delete(callSid);
  }

  finished({ callSid, tookMs, files }: FinalizerSuccess): void {
    const { pending } = files.json;
    this.#log.info({ callSid, tookMs: Math.round(tookMs), pending }, 'call finished');
    this.#retrying.delete(callSid);
    this.#unwritten.remove(callSid);
  }

  /** Failures of services are logged by the service monitor. */
  failed({ kind, callSid, doing, error }: FinalizerFailure): void {
    if (kind === 'service') return;
    const fields = { callSid, doing, err: error };
    if (kind === 'unwritten') {
      this.#retrying.delete(callSid);
      const reasonOnDisk = this.#unwritten.add(callSid, rootCause(error));
      this.#log.error({ ...fields, reasonOnDisk }, 'call files could not be written');
    } else if (kind === 'unclosed') {
      this.#log.error(fields, 'journal of a finished call could not be closed');
    } else {
      if (isTransient(error)) this.#retrying.set(callSid, rootCause(error));
      this.#log.warn(fields, 'finalization step failed; will retry');
    }
  }
}
