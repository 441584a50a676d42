import express from 'express';
import type { Server as HttpServer } from 'node:http';
import { loadResampler } from '../audio/resampler.ts';
import { loadVoiceActivity, VoiceActivity } from '../audio/speech/voice-activity.ts';
import { CallRegistry } from '../call/call-registry.ts';
import type { CallSound } from '../call/call-store.ts';
import { GreetingCache, spokenGreeting } from '../call/dialog/greeting-cache.ts';
import { TurnRules } from '../call/dialog/turn-taking/turn-rules.ts';
import type { Clock } from '../events/clock.ts';
import { CALL_EVENT_KINDS, CallEventBus } from '../events/event-bus.ts';
import { Topic } from '../events/topic.ts';
import { Authenticator } from '../http/auth/authenticator.ts';
import { FailedAttemptLimiter } from '../http/auth/failed-attempt-limiter.ts';
import { bodyLimits } from '../http/body-limits.ts';
import { TIME_LIMITS } from '../http/limited-server.ts';
import { securityHeaders } from '../http/security-headers.ts';
import { mountWebSockets } from '../http/websocket-routes.ts';
import type { Journal } from '../journal/journal.ts';
import { componentLog } from '../log.ts';
import { LiveTranscripts, type LiveTranscriptChanges } from '../records/live-transcripts.ts';
import { STREAM_TICK_MS } from '../telephony/twilio-gateway.ts';
import { Gateways } from './gateways.ts';
import { HttpListener } from './http-listener.ts';
import { mountRoutes } from './routes.ts';
import type { ServerDependencies } from './server-dependencies.ts';
import { wakeServices } from './services/create-services.ts';
import { ServiceMonitor } from './services/service-monitor.ts';
import { CallStorage } from './storage/call-storage.ts';
import { StorageLifecycle } from './storage/storage-lifecycle.ts';
import { StorageMaintenance } from './storage/storage-maintenance.ts';
import { systemClock } from './system-clock.ts';

const TICK_MS = 40;

export interface Server {
  readonly server: HttpServer;
  /** Resolves with the port when connections are accepted. Rejects if the port is not available. */
  listen(port: number, host: string): Promise<number>;
  /** Accepts no new calls, gives live ones up to `drainSeconds`, writes all files and releases everything. */
  close(drainSeconds: number): Promise<void>;
  /** Ends live calls now. For use while closing. */
  hurry(): void;
}

/** Creates the server and starts its storage. */
export async function createServer(dependencies: ServerDependencies): Promise<Server> {
  await Promise.all([loadVoiceActivity(), loadResampler()]);
  const server = new OffhookServer(dependencies);
  await server.open();
  return server;
}

/** One server: live calls, their storage, and the gateways they arrive through. */
class OffhookServer implements Server {
  readonly #dependencies: ServerDependencies;
  readonly #events: CallEventBus;
  readonly #sound: CallSound;
  readonly #storage: CallStorage;
  readonly #lifecycle: StorageLifecycle;
  readonly #maintenance: StorageMaintenance;
  readonly #live: LiveTranscripts;
  readonly #calls: CallRegistry<Journal>;
  readonly #greeter: GreetingCache;
  readonly #services: ServiceMonitor;
  readonly #authenticator: Authenticator;
  readonly #gateways: Gateways;
  readonly #listener: HttpListener;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #clock: Clock;
  readonly #now: () => number;
  /** Aborted when live calls must end now. */
  readonly #hurried = new AbortController();

  constructor(dependencies: ServerDependencies) {
    const { settings, assistant, log, records, clock = systemClock } = dependencies;
    const { services } = assistant;
    this.#dependencies = dependencies;
    this.#clock = clock;
    this.#now = () => clock.now();
    const failed = (error: unknown): void =>
      componentLog(log, 'events').error({ err: error }, 'event subscriber failed');
    const events = (this.#events = new CallEventBus(failed));
    this.#sound = new Topic(failed);
    const limit = new FailedAttemptLimiter();
    const { access, publicUrl } = settings;
    this.#authenticator = new Authenticator({ access, limit, now: this.#now, publicHost: publicUrl?.host });
    const { catalogue, store } = records ?? {};
    this.#storage = new CallStorage({ settings, services, log, clock, events, catalogue, store });
    this.#lifecycle = new StorageLifecycle(this.#storage);
    this.#maintenance = new StorageMaintenance(this.#storage);
    this.#services = new ServiceMonitor({ dependencies, outages: this.#storage.outages, clock, events });
    this.#greeter = new GreetingCache(services.voice, spokenGreeting(settings), this.#services.voiceFailed);
    this.#calls = this.#createCalls();
    this.#gateways = new Gateways({
      dependencies,
      calls: this.#calls,
      ownership: this.#maintenance,
      authenticator: this.#authenticator,
      limit,
      clock,
      ringing: () => this.#ringing(),
    });
    const changes: LiveTranscriptChanges = new Topic(failed);
    this.#live = new LiveTranscripts({
      ...{ events, calls: this.#calls, changes, clock },
      finalized: this.#storage.finalized,
      watchers: this.#gateways.desk,
    });
    this.#subscribe(changes);
    const app = express();
    this.#listener = new HttpListener(app, clock, componentLog(log, 'http'));
    this.#mount(app);
  }

  get server(): HttpServer {
    return this.#listener.server;
  }

  async open(): Promise<void> {
    await this.#lifecycle.start();
    void this.#greeter.prepare();
    this.#timers.push(setInterval(() => this.#calls.tick(this.#now()), TICK_MS));
    this.#timers.push(setInterval(() => this.#tickGateways(), STREAM_TICK_MS));
    if (this.#dependencies.records?.skipMaintenance) return;
    this.#gateways.microphone.open();
    this.#services.start();
    await this.#maintenance.start({
      resume: (identity, journal, history) => {
        this.#gateways.twilio.remember(identity);
        const resumed = this.#calls.recover(identity, journal, history, this.#now());
        if (resumed) this.#live.resume({ ...identity, ...history });
        return resumed;
      },
    });
  }

  listen(port: number, host: string): Promise<number> {
    return this.#listener.listen(port, host);
  }

  hurry(): void {
    this.#hurried.abort();
  }

  async close(drainSeconds: number): Promise<void> {
    this.#calls.close();
    await this.#drain(drainSeconds * 1_000);
    const left = this.#calls.list();
    this.#calls.endAll('the server is shutting down', this.#now());
    this.#gateways.endCalls(left.map(({ identity }) => identity));
    await this.#gateways.microphone.idle();
    this.#live.tick(this.#now());
    this.#maintenance.stop();
    this.#services.stop();
    await this.#lifecycle.stop();
    for (const timer of this.#timers) clearInterval(timer);
    this.#gateways.close();
    await this.#listener.close();
  }

  /** Resolves when no call is left, after `ms`, or when live calls must end now. */
  async #drain(ms: number): Promise<void> {
    if (this.#calls.active === 0) return;
    const drained = new AbortController();
    const unsubscribe = this.#events.subscribe(['end'], () => {
      if (this.#calls.active === 0) drained.abort();
    });
    await this.#clock.sleep(ms, AbortSignal.any([drained.signal, this.#hurried.signal]));
    unsubscribe();
  }

  /** Passes the events of calls to the desk, the catalogue and the observer. */
  #subscribe(changes: LiveTranscriptChanges): void {
    const { desk } = this.#gateways.desk;
    const { observer } = this.#dependencies;
    this.#sound.subscribe((...sound) => desk.sound(...sound));
    this.#events.subscribe(['clear'], (callSid) => desk.cut(callSid));
    if (observer?.event)
      this.#events.subscribe(CALL_EVENT_KINDS, (callSid, event) => observer.event?.(callSid, event));
    changes.subscribe((callSid, { turns }) => desk.changed(callSid, turns));
    changes.subscribe((callSid, changed) => this.#storage.index?.changed(callSid, changed));
    this.#storage.observe({
      finished: (news) => observer?.finished?.(news),
      failed: (news) => {
        this.#services.finalizationFailed(news);
        observer?.finished?.(news);
      },
    });
  }

  #mount(app: express.Express): void {
    const log = componentLog(this.#dependencies.log, 'http');
    app.use(securityHeaders, bodyLimits(TIME_LIMITS));
    mountWebSockets(app, this.server, this.#gateways.webSocketRoutes(), {
      refused: (path, status) => log.info({ path, status }, 'refused a WebSocket'),
      opened: (socket, request) => this.#authenticator.closeOnLogout(socket, request),
    });
    mountRoutes(app, {
      dependencies: this.#dependencies,
      calls: this.#calls,
      storage: this.#storage,
      health: this.#services.health,
      authenticator: this.#authenticator,
      gateways: this.#gateways,
      clock: this.#clock,
    });
  }

  #createCalls(): CallRegistry<Journal> {
    const { settings, assistant } = this.#dependencies;
    return new CallRegistry<Journal>({
      environment: {
        ...assistant,
        settings: settings.call,
        rules: new TurnRules(settings.turnRules),
        greeter: this.#greeter,
        recorded: settings.recording.enabled,
        ring:
          settings.ringDeskMs === undefined
            ? undefined
            : {
                ringMs: settings.ringDeskMs,
                hasAvailableOperator: () => this.#gateways.desk.desk.hasAvailableOperator,
              },
        createDetector: () => new VoiceActivity(),
        now: this.#now,
      },
      defaultFormat: settings.recording.defaultFormat,
      maxCalls: settings.limits.maxCalls,
      storage: this.#storage,
      sound: this.#sound,
    });
  }

  #ringing(): void {
    const { observer, assistant } = this.#dependencies;
    observer?.ringing?.();
    wakeServices(assistant.services);
    void this.#greeter.prepare();
  }

  #tickGateways(): void {
    const atMs = this.#now();
    this.#live.tick(atMs);
    this.#gateways.tick(atMs);
    this.#authenticator.tick(atMs);
  }
}
