/** The result of a request to erase a call. `incomplete`: the rest is erased when the object store or the database is up again. */
export type Erasure<Receipt = unknown> =
  | { readonly outcome: 'erased' | 'incomplete'; readonly receipt: Receipt }
  | { readonly outcome: 'no-such-call' | 'held' | 'live' };
