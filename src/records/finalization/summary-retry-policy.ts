import { ServiceError } from '../../call/ports.ts';
import type { DeadlineResult } from './with-deadline.ts';

/** With the pauses between tries more than an hour: an account that is topped up soon still gets its summaries. */
const MOST_REFUSALS = 12;

/**
 * Whether asking for a call's summary once more could help. An outage is waited out; a service that has nothing to say, or
 * refuses again and again, is not asked for days: the extract stands.
 */
export class SummaryRetryPolicy {
  #refusals = 0;
  #nothingToSay = false;

  get shouldRetry(): boolean {
    return !this.#nothingToSay && this.#refusals < MOST_REFUSALS;
  }

  note(outcome: DeadlineResult<string>): void {
    if (outcome.kind === 'completed') this.#nothingToSay = outcome.value === '';
    if (outcome.kind === 'failed' && isRefusal(outcome.error)) this.#refusals += 1;
  }

  /** There is more to sum up than before. */
  renew(): void {
    this.#nothingToSay = false;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof ServiceError && !error.transient;
}
