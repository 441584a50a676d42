/** `not checked`: neither right nor wrong; `found` says why. */
export type Verdict = 'ok' | 'warn' | 'fail' | 'not checked';

/** The result of one check. `todo`: what to do about it. */
export interface Finding {
  readonly what: string;
  readonly verdict: Verdict;
  readonly found: string;
  readonly todo?: string | undefined;
}
