import type { ReplicationFigures } from '../../journal/journal-follower.ts';
import type { RedisAddress } from '../../settings/addresses/redis-address.ts';
import type { ReplicatedCall } from './journal-tail.ts';

/** What the replication thread is started with. */
export interface ReplicationThreadData {
  readonly address: RedisAddress;
  readonly prefix: string;
}

export type ToReplicationThread =
  | { readonly kind: 'begins'; readonly call: ReplicatedCall }
  | { readonly kind: 'ends'; readonly callSid: string }
  /** Records were written to some of the files. */
  | { readonly kind: 'wrote' }
  /** To be answered when everything that is in the file now is in Redis. */
  | { readonly kind: 'confirm'; readonly id: number; readonly callSid: string }
  | { readonly kind: 'stop' };

export type FromReplicationThread =
  /** The first message. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'confirmed'; readonly id: number }
  /** A machine with another fence has the call. */
  | { readonly kind: 'fenced'; readonly callSid: string; readonly fence: number }
  | { readonly kind: 'figures'; readonly figures: ReplicationFigures };
