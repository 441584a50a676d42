/**
 * What became of a request to erase a call. `under-way`: the rest is erased when the object store or the database answers
 * again.
 */
export type Erasure<Receipt = unknown> =
  | { readonly outcome: 'erased' | 'under-way'; readonly receipt: Receipt }
  | { readonly outcome: 'no-such-call' | 'held' | 'live' };
