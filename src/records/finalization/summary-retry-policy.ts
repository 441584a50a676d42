import { ServiceError } from '../../call/ports.ts';
import type { DeadlineResult } from './with-deadline.ts';

/** With the pauses between them, these attempts take more than an hour: enough time to top up an account. */
const MAX_REFUSALS = 12;

/**
 * Decides whether to request the summary of a call again. Outages are retried without a limit. An empty summary and
 * repeated refusals end the retries: the extractive summary is kept.
 */
export class SummaryRetryPolicy {
  #refusals = 0;
  #emptyResult = false;

  get shouldRetry(): boolean {
    return !this.#emptyResult && this.#refusals < MAX_REFUSALS;
  }

  record(outcome: DeadlineResult<string>): void {
    if (outcome.kind === 'completed') this.#emptyResult = outcome.value === '';
    if (outcome.kind === 'failed' && isRefusal(outcome.error)) this.#refusals += 1;
  }

  /** The call has texts that the last request did not have. */
  textsAdded(): void {
    this.#emptyResult = false;
  }
}

/** A programming error is none of the network: its retries end, too. */
function isRefusal(error: unknown): boolean {
  return !(error instanceof ServiceError) || !error.transient;
}
