import type { CallFinalizer } from '../../records/finalization/call-finalizer.ts';
import type { FinalizationControl } from '../../retention/erasure-execution.ts';
import type { FinalizationStatus } from './finalization-status.ts';
import type { SharedCalls } from './shared-calls.ts';

/** Ends the finalization of calls that are erased: here, and as a job of any process. */
export class OwnFinalizations implements FinalizationControl {
  readonly #finalizer: Pick<CallFinalizer, 'abandon'>;
  readonly #status: Pick<FinalizationStatus, 'isClaimed'>;
  readonly #shared: Pick<SharedCalls, 'abandon'> | undefined;

  constructor(
    finalizer: Pick<CallFinalizer, 'abandon'>,
    status: Pick<FinalizationStatus, 'isClaimed'>,
    shared: Pick<SharedCalls, 'abandon'> | undefined,
  ) {
    this.#finalizer = finalizer;
    this.#status = status;
    this.#shared = shared;
  }

  async abandon(callSid: string): Promise<void> {
    await this.#shared?.abandon(callSid);
    await this.#finalizer.abandon(callSid);
  }

  isClaimed(callSid: string): boolean {
    return this.#status.isClaimed(callSid);
  }
}
