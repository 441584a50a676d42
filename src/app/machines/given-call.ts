import type { CallToFinalize } from '../../records/finalization/finalizer-options.ts';

/** A call that has ended here and is a job. Its journal stays here until the job is done. */
export class GivenCall {
  readonly call: CallToFinalize;
  /** Aborted when nothing is left to wait for. */
  readonly settled = new AbortController();
  /** This process executes the job with the journal that it has. */
  isExecutedHere = false;
  isErased = false;
  /** The fence with which the files were stored whose texts are here. */
  broughtWith: number | undefined;

  /** The texts that were requested during the call have arrived by now, or are requested again. */
  constructor({ callSid, journal, untranscribed }: CallToFinalize) {
    this.call = { callSid, journal, untranscribed, call: undefined };
  }
}
