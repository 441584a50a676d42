import type { Services } from '../../call/ports.ts';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { Clock } from '../../events/clock.ts';
import type { CallEventBus } from '../../events/event-bus.ts';
import type { Log } from '../../log.ts';
import type { ObjectStore } from '../../object-store/object-store.ts';
import type { Settings } from '../../settings/settings.ts';
import type { SharedCalls } from './shared-calls.ts';

export interface CallStorageOptions {
  readonly settings: Settings;
  readonly services: Services;
  readonly log: Log;
  readonly clock: Clock;
  /** Receives the events of all calls. */
  readonly events?: CallEventBus | undefined;
  readonly catalogue?: Catalogue | undefined;
  /** Where finished files are uploaded; undefined: they stay in the directory. */
  readonly store?: ObjectStore | undefined;
  /** Which calls this machine has; undefined: it is alone. */
  readonly shared?: SharedCalls | undefined;
}
