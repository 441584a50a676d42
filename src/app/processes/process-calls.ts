import { VoiceActivity } from '../../audio/speech/voice-activity.ts';
import type { CallHistory, CallIdentity } from '../../call/call-options.ts';
import { CallRegistry } from '../../call/call-registry.ts';
import type { CallSound } from '../../call/call-store.ts';
import { GreetingCache, spokenGreeting } from '../../call/dialog/greeting-cache.ts';
import { TurnRules } from '../../call/dialog/turn-taking/turn-rules.ts';
import type { Clock } from '../../events/clock.ts';
import { CallEventBus } from '../../events/event-bus.ts';
import { Topic } from '../../events/topic.ts';
import type { Journal } from '../../journal/journal.ts';
import { componentLog } from '../../log.ts';
import { LiveTranscripts, type LiveTranscriptChanges } from '../../records/live-transcripts.ts';
import { EventLoopDelay } from '../admission/event-loop-delay.ts';
import type { ServerDependencies } from '../server-dependencies.ts';
import { wakeServices } from '../services/create-services.ts';
import { ServiceMonitor } from '../services/service-monitor.ts';
import type { SharedCalls } from '../storage/shared-calls.ts';
import { CallStorage } from '../storage/call-storage.ts';
import { StorageLifecycle } from '../storage/storage-lifecycle.ts';
import { traceCalls } from '../tracing/call-tracing.ts';

const TICK_MS = 40;

/** What calls need to know of the desk. */
export interface DeskState {
  /** Whether a browser is connected. */
  readonly isWatched: boolean;
  /** Whether an operator is available to answer a call. */
  readonly hasAvailableOperator: boolean;
}

export interface ProcessCallsOptions {
  readonly dependencies: ServerDependencies;
  readonly desk: DeskState;
  readonly clock: Clock;
  /** 0: no limit. */
  readonly maxCalls: number;
  /** Which calls this machine has; undefined: it is alone. */
  readonly shared?: SharedCalls | undefined;
}

/** The live calls of one process, with their storage, transcripts and services. */
export class ProcessCalls {
  readonly events: CallEventBus;
  readonly sound: CallSound;
  /** New and changed turns of live calls. */
  readonly changes: LiveTranscriptChanges;
  readonly storage: CallStorage;
  readonly services: ServiceMonitor;
  readonly delay = new EventLoopDelay();
  readonly registry: CallRegistry<Journal>;
  readonly #options: ProcessCallsOptions;
  readonly #lifecycle: StorageLifecycle;
  readonly #greeter: GreetingCache;
  readonly #live: LiveTranscripts;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ProcessCallsOptions) {
    const { dependencies, desk, clock, shared } = options;
    const { settings, assistant, log, records } = dependencies;
    const { services } = assistant;
    this.#options = options;
    const failed = (error: unknown): void =>
      componentLog(log, 'events').error({ err: error }, 'event subscriber failed');
    const events = (this.events = new CallEventBus(failed));
    this.sound = new Topic(failed);
    this.changes = new Topic(failed);
    const { catalogue, store } = records ?? {};
    this.storage = new CallStorage({ settings, services, log, clock, events, catalogue, store, shared });
    this.#lifecycle = new StorageLifecycle(this.storage);
    this.services = new ServiceMonitor({ dependencies, outages: this.storage.outages, clock, events });
    this.#greeter = new GreetingCache(services.voice, spokenGreeting(settings), this.services.voiceFailed);
    this.registry = this.#createRegistry();
    this.#live = new LiveTranscripts({
      ...{ events, calls: this.registry, changes: this.changes, clock },
      finalized: this.storage.finalized,
      watchers: desk,
    });
    traceCalls(events, this.storage.finalized);
    this.changes.subscribe((callSid, changed) => this.storage.index?.changed(callSid, changed));
    this.storage.observe({
      finished: () => undefined,
      failed: (news) => this.services.finalizationFailed(news),
    });
  }

  /** Starts the storage; calls may begin when this resolves. */
  async open(): Promise<void> {
    await this.#lifecycle.start();
    void this.#greeter.prepare();
    this.#timer = setInterval(() => this.registry.tick(this.#options.clock.now()), TICK_MS);
  }

  /** A phone rings: connections to the services are opened, models loaded, the greeting spoken. */
  ringing(): void {
    const { observer, assistant } = this.#options.dependencies;
    observer?.ringing?.();
    wakeServices(assistant.services);
    void this.#greeter.prepare();
  }

  /** A call of a crashed process continues here. False if this process has the call already. */
  resume(identity: CallIdentity, journal: Journal, history: CallHistory): boolean {
    const resumed = this.registry.recover(identity, journal, history, this.#options.clock.now());
    if (resumed) this.#live.resume({ ...identity, ...history });
    return resumed;
  }

  /** Publishes changed turns, and reads the delay of the event loop. Call it every quarter of a second. */
  tick(atMs: number): void {
    this.delay.tick(atMs);
    this.#live.tick(atMs);
  }

  /** Resolves when no call is left, after `ms`, or when `hurried` is aborted. */
  async drain(ms: number, hurried: AbortSignal): Promise<void> {
    if (this.registry.active === 0) return;
    const drained = new AbortController();
    const unsubscribe = this.events.subscribe(['end', 'stream-end'], () => {
      if (this.registry.active === 0) drained.abort();
    });
    await this.#options.clock.sleep(ms, AbortSignal.any([drained.signal, hurried]));
    unsubscribe();
  }

  /** All calls have ended: writes what is left and releases everything. */
  async close(): Promise<void> {
    this.#live.tick(this.#options.clock.now());
    this.services.stop();
    this.delay.stop();
    await this.#lifecycle.stop();
    clearInterval(this.#timer);
  }

  #createRegistry(): CallRegistry<Journal> {
    const { dependencies, desk, clock } = this.#options;
    const { settings, assistant } = dependencies;
    const { ringDeskMs: ringMs } = settings;
    return new CallRegistry<Journal>({
      environment: {
        ...assistant,
        settings: settings.call,
        rules: new TurnRules(settings.turnRules),
        greeter: this.#greeter,
        recorded: settings.recording.enabled,
        ring:
          ringMs === undefined
            ? undefined
            : { ringMs, hasAvailableOperator: () => desk.hasAvailableOperator },
        createDetector: () => new VoiceActivity(),
        now: () => clock.now(),
      },
      defaultFormat: settings.recording.defaultFormat,
      maxCalls: this.#options.maxCalls,
      storage: this.storage,
      sound: this.sound,
    });
  }
}
