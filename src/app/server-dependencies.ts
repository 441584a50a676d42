import type { PromptBook } from '../call/dialog/prompts.ts';
import type { Services } from '../call/ports.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { CallEvent } from '../events/call-events.ts';
import type { Clock } from '../events/clock.ts';
import type { Log } from '../log.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { ServerProfiles } from '../openai/server/server-profiles.ts';
import type { FinalizerNews } from '../records/finalization/finalizer-options.ts';
import type { Settings } from '../settings/settings.ts';
import type { CallTerminator } from '../telephony/telephone-calls.ts';

/** What the assistant speaks with. */
export interface AssistantResources {
  readonly services: Services;
  readonly prompts: PromptBook;
  /** What is known of the servers of the services; shown by `/health`. */
  readonly profiles?: ServerProfiles | undefined;
}

/** The installed package. */
export interface Release {
  readonly version: string;
  /** The directory of the built pages for browsers; undefined: no pages are served. */
  readonly pages?: string | undefined;
}

/** Where calls are stored in addition to the recordings directory. */
export interface RecordStores {
  /** Undefined: calls are found only by their files. */
  readonly catalogue?: Catalogue | undefined;
  /** Undefined: finished files stay in the directory. */
  readonly store?: ObjectStore | undefined;
  /** Skips recovery, periodic jobs and microphone recordings: for a server with simulated services. */
  readonly skipMaintenance?: boolean | undefined;
}

/** Follows the calls of a server. */
export interface ServerObserver {
  /** A phone rings: connections to the services may be opened. */
  ringing?(): void;
  /** Everything that happens in a call, as it happens. */
  event?(callSid: string, event: CallEvent): void;
  /** The files of a call were written, or an attempt has failed. May be called several times for a call: see `FinalizerNews`. */
  finished?(news: FinalizerNews): void;
}

/** The parts that a server is built from. */
export interface ServerDependencies {
  readonly settings: Settings;
  readonly log: Log;
  readonly assistant: AssistantResources;
  readonly release: Release;
  readonly records?: RecordStores | undefined;
  /** Undefined: no account of the provider is configured. */
  readonly telephony?: CallTerminator | undefined;
  readonly observer?: ServerObserver | undefined;
  /** Default: the clock of this machine. */
  readonly clock?: Clock | undefined;
}
