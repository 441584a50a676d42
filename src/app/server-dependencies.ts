import type { PromptBook } from '../call/dialog/prompts.ts';
import type { Services } from '../call/ports.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { CallEvent } from '../events/call-events.ts';
import type { Log } from '../log.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { FinalizerNews } from '../records/finalization/finalizer-options.ts';
import type { Settings } from '../settings/settings.ts';

/** What a server is made of. */
export interface ServerDependencies {
  readonly settings: Settings;
  readonly services: Services;
  readonly prompts: PromptBook;
  readonly log: Log;
  readonly version: string;
  /** Where finished files go; absent: they stay in the folder. */
  readonly store?: ObjectStore;
  /** Ends a call at Twilio; absent where no account is configured. */
  readonly endCall?: (callSid: string) => Promise<void>;
  /** A phone rings: connections to the services may be opened. */
  readonly ringing?: () => void;
  readonly finished?: (news: FinalizerNews) => void;
  /** Where calls are found again; absent: only by their files. */
  readonly catalogue?: Catalogue;
  /** Told of everything that happens in a call, as it happens. */
  readonly watch?: (callSid: string, event: CallEvent) => void;
  /** The directory of the built pages for browsers; absent: no pages are served. */
  readonly pages?: string;
  /** Milliseconds since 1970 that never go back (default: this machine's clock). */
  readonly now?: () => number;
  /** Leaves calls alone that other processes left behind: for a server whose services are not the real ones. */
  readonly ownCallsOnly?: boolean;
}
