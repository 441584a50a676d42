/** The result of one check. `todo`: what to do about it. */
export interface Finding {
  readonly what: string;
  readonly verdict: 'ok' | 'warn' | 'fail';
  readonly found: string;
  readonly todo?: string | undefined;
}
