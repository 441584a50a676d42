import express from 'express';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadResampler } from '../audio/resampler.ts';
import { loadVoiceActivity, VoiceActivity } from '../audio/speech/voice-activity.ts';
import { CallRegistry } from '../call/call-registry.ts';
import type { CallSound } from '../call/call-store.ts';
import { GreetingCache } from '../call/dialog/greeting-cache.ts';
import type { Clock } from '../events/clock.ts';
import { CALL_EVENT_KINDS, CallEventBus } from '../events/event-bus.ts';
import { Topic } from '../events/topic.ts';
import { LiveCallControl } from '../desk/live-call-control.ts';
import { Authenticator } from '../http/auth/authenticator.ts';
import { FailedAttemptLimiter } from '../http/auth/failed-attempt-limiter.ts';
import { bodyLimits } from '../http/body-limits.ts';
import { connectionLimit, descriptorLimit } from '../http/descriptor-limit.ts';
import { createLimitedServer, TIME_LIMITS } from '../http/limited-server.ts';
import { securityHeaders } from '../http/security-headers.ts';
import { mountWebSockets } from '../http/websocket-routes.ts';
import type { Journal } from '../journal/journal.ts';
import { componentLog } from '../log.ts';
import { isMicrophoneUpload } from '../microphone/microphone-router.ts';
import { MicrophoneService } from '../microphone/microphone-service.ts';
import { LiveTranscripts, type LiveTranscriptChanges } from '../records/live-transcripts.ts';
import { BrowserGateway } from '../telephony/browser-gateway.ts';
import { STREAM_TICK_MS, TwilioGateway } from '../telephony/twilio-gateway.ts';
import { CallStorage } from './storage/call-storage.ts';
import { mountRoutes } from './routes.ts';
import type { ServerDependencies } from './server-dependencies.ts';
import { StorageLifecycle } from './storage/storage-lifecycle.ts';
import { StorageMaintenance } from './storage/storage-maintenance.ts';
import { systemClock } from './system-clock.ts';

const TICK_MS = 40;
const LAST_CONNECTIONS_MS = 500;
const DROPS_LOGGED_EVERY_MS = 60_000;

export interface Server {
  readonly server: HttpServer;
  /** Resolves with the port once connections are taken. Rejects where it cannot be had. */
  listen(port: number, host: string): Promise<number>;
  /** Takes no new calls, gives live ones up to `drainSeconds`, writes all files, frees everything. */
  close(drainSeconds: number): Promise<void>;
  /** To be called while closing: live calls end now. */
  hurry(): void;
}

/** The server, from the parts handed in. */
export async function createServer(parts: ServerDependencies): Promise<Server> {
  await Promise.all([loadVoiceActivity(), loadResampler()]);
  const house = new OffhookServer(parts);
  await house.open();
  return house;
}

/** One server: live calls, their storage, and the gateways they arrive through. */
class OffhookServer implements Server {
  readonly server: HttpServer;
  readonly #parts: ServerDependencies;
  readonly #events: CallEventBus;
  readonly #sound: CallSound;
  readonly #storage: CallStorage;
  readonly #lifecycle: StorageLifecycle;
  readonly #maintenance: StorageMaintenance;
  readonly #live: LiveTranscripts;
  readonly #calls: CallRegistry<Journal>;
  readonly #greeter: GreetingCache;
  readonly #doors: TwilioGateway;
  readonly #limit = new FailedAttemptLimiter();
  readonly #authenticator: Authenticator;
  readonly #desk: LiveCallControl;
  readonly #browserPhone: BrowserGateway;
  readonly #microphoneRoom: MicrophoneService;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #clock: Clock;
  readonly #now: () => number;
  /** Aborted when live calls must end now. */
  readonly #hurried = new AbortController();

  constructor(parts: ServerDependencies) {
    const { settings, services, log, catalogue, store, clock = systemClock } = parts;
    this.#parts = parts;
    this.#clock = clock;
    const now = (): number => clock.now();
    this.#now = now;
    const failed = (error: unknown): void => log.error({ err: error }, 'event subscriber failed');
    this.#events = new CallEventBus(failed);
    this.#sound = new Topic(failed);
    this.#authenticator = new Authenticator({
      access: settings.access,
      limit: this.#limit,
      now,
      publicHost: settings.publicUrl?.host,
    });
    const events = this.#events;
    this.#storage = new CallStorage({ settings, services, log, clock, events, catalogue, store });
    this.#lifecycle = new StorageLifecycle(this.#storage);
    this.#maintenance = new StorageMaintenance(this.#storage);
    this.#greeter = new GreetingCache(services.voice, settings.greeting);
    this.#calls = this.#makeCalls();
    this.#doors = this.#makeDoors();
    this.#desk = new LiveCallControl({ calls: this.#calls, authenticator: this.#authenticator, now });
    const changes: LiveTranscriptChanges = new Topic(failed);
    this.#live = new LiveTranscripts({ events, calls: this.#calls, changes, clock });
    this.#subscribe(changes);
    this.#browserPhone = this.#makeBrowserPhone();
    this.#microphoneRoom = this.#makeMicrophoneRoom();
    const app = express();
    this.server = this.#makeServer(app);
    app.use(securityHeaders, bodyLimits(TIME_LIMITS, isMicrophoneUpload));
    const doors = this.#gateways.map((one) => one.webSocketRoute());
    mountWebSockets(app, this.server, doors, {
      refused: (path, status) => log.info({ path, status }, 'refused a WebSocket'),
      opened: (socket, request) => this.#authenticator.closeOnLogout(socket, request),
    });
    mountRoutes(app, {
      ...{ parts, calls: this.#calls, office: this.#storage, authenticator: this.#authenticator, now },
      gateways: [this.#doors.routes(), this.#browserPhone.routes(), this.#microphoneRoom.routes()],
    });
  }

  async open(): Promise<void> {
    await this.#lifecycle.start();
    void this.#greeter.prepare();
    this.#timers.push(setInterval(() => this.#calls.tick(this.#now()), TICK_MS));
    this.#timers.push(setInterval(() => this.#tickDoors(), STREAM_TICK_MS));
    if (this.#parts.ownCallsOnly) return;
    this.#microphoneRoom.open();
    await this.#maintenance.start({
      resume: (identity, journal, history) => {
        this.#doors.remember(identity);
        const resumed = this.#calls.takeUp(identity, journal, history, this.#now());
        if (resumed) this.#live.resume({ ...identity, ...history });
        return resumed;
      },
    });
  }

  /** Desk, catalogue and observers are told of events in calls. */
  #subscribe(changes: LiveTranscriptChanges): void {
    const { desk } = this.#desk;
    const { watch, finished } = this.#parts;
    this.#sound.subscribe((...sound) => desk.sound(...sound));
    this.#events.subscribe(['clear'], (callSid) => desk.cut(callSid));
    if (watch) this.#events.subscribe(CALL_EVENT_KINDS, watch);
    changes.subscribe((callSid, { turns }) => desk.changed(callSid, turns));
    changes.subscribe((callSid, changed) => this.#storage.index?.changed(callSid, changed));
    this.#storage.observe({
      finished: (news) => {
        this.#live.forget(news.callSid);
        finished?.(news);
      },
      failed: (news) => {
        if (news.kind === 'unwritten') this.#live.forget(news.callSid);
        finished?.(news);
      },
    });
  }

  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => resolve((this.server.address() as AddressInfo).port));
    });
  }

  hurry(): void {
    this.#hurried.abort();
  }

  async close(drainSeconds: number): Promise<void> {
    this.#calls.close();
    await this.#drain(drainSeconds * 1_000);
    const left = this.#calls.list();
    this.#calls.endAll('the server is shutting down', this.#now());
    for (const { identity } of left) void this.#doors.endCall(identity.callSid);
    await this.#microphoneRoom.settled();
    this.#live.tick(this.#now());
    this.#maintenance.stop();
    await this.#lifecycle.stop();
    for (const timer of this.#timers) clearInterval(timer);
    for (const door of this.#gateways) door.close();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeIdleConnections();
    await Promise.race([closed, this.#clock.sleep(LAST_CONNECTIONS_MS)]);
    this.server.closeAllConnections();
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

  #makeServer(app: express.Express): HttpServer {
    const { log } = this.#parts;
    const descriptors = descriptorLimit();
    const connections = connectionLimit(descriptors);
    const server = createLimitedServer(app, { ...TIME_LIMITS, connections });
    log.info({ connections, descriptors }, 'connections are limited');
    let toldAtMs = -Infinity;
    server.on('drop', () => {
      if (this.#now() - toldAtMs < DROPS_LOGGED_EVERY_MS) return;
      toldAtMs = this.#now();
      log.warn({ connections }, 'a connection was closed: too many are open');
    });
    return server;
  }

  #makeCalls(): CallRegistry<Journal> {
    const { settings, services, prompts } = this.#parts;
    return new CallRegistry<Journal>({
      environment: {
        settings: settings.call,
        services,
        prompts,
        greeter: this.#greeter,
        recorded: settings.recording.enabled,
        ring:
          settings.ringDeskMs === undefined
            ? undefined
            : { ringMs: settings.ringDeskMs, isStaffed: () => this.#desk.desk.manned },
        createDetector: () => new VoiceActivity(),
        now: this.#now,
      },
      defaultFormat: settings.recording.defaultFormat,
      maxCalls: settings.limits.maxCalls,
      storage: this.#storage,
      sound: this.#sound,
    });
  }

  #makeDoors(): TwilioGateway {
    const { settings, log, endCall } = this.#parts;
    return new TwilioGateway({
      settings,
      log: componentLog(log, 'telephony'),
      calls: this.#calls,
      recovery: this.#maintenance,
      limit: this.#limit,
      now: this.#now,
      endCall,
      ringing: () => this.#ringing(),
    });
  }

  #makeBrowserPhone(): BrowserGateway {
    const authenticator = this.#authenticator;
    const ringing = (): void => this.#ringing();
    return new BrowserGateway({ authenticator, now: this.#now, streams: this.#doors.streams, ringing });
  }

  #ringing(): void {
    this.#parts.ringing?.();
    void this.#greeter.prepare();
  }

  get #gateways() {
    return [this.#doors, this.#browserPhone, this.#desk, this.#microphoneRoom] as const;
  }

  #makeMicrophoneRoom(): MicrophoneService {
    const { settings, log, services, catalogue } = this.#parts;
    const { dictation: transcriber } = services;
    const authenticator = this.#authenticator;
    return new MicrophoneService({
      ...{ settings, authenticator, log, now: this.#now },
      ...(transcriber && { transcriber }),
      ...(catalogue && { catalogue }),
    });
  }

  #tickDoors(): void {
    const atMs = this.#now();
    this.#live.tick(atMs);
    for (const door of this.#gateways) door.tick(atMs);
    this.#authenticator.tick(atMs);
  }
}
