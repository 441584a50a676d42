/**
 * The result of a request to erase a call. `incomplete`: the rest is erased when the object store, the database or
 * another machine is there again.
 */
export type Erasure<Receipt = unknown> =
  | { readonly outcome: 'erased' | 'incomplete'; readonly receipt: Receipt }
  | { readonly outcome: 'no-such-call' | 'held' | 'live' };

/** The result of setting or releasing a hold. `pending`: what says which machines have yet to do it. */
export type HoldResult =
  | { readonly outcome: 'set' | 'no-such-call' }
  | { readonly outcome: 'pending'; readonly left: readonly string[] };
