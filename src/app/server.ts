import express from 'express';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadResampler } from '../audio/resampler.ts';
import { loadVoiceActivity, VoiceActivity } from '../audio/speech/voice-activity.ts';
import { CallRegistry } from '../call/call-registry.ts';
import { GreetingCache } from '../call/dialog/greeting-cache.ts';
import { LiveCallControl } from '../desk/live-call-control.ts';
import { Authenticator } from '../http/auth/authenticator.ts';
import { FailedAttemptLimiter } from '../http/auth/failed-attempt-limiter.ts';
import { bodyLimits } from '../http/body-limits.ts';
import { connectionLimit, descriptorLimit } from '../http/descriptor-limit.ts';
import { createLimitedServer, TIME_LIMITS } from '../http/limited-server.ts';
import { securityHeaders } from '../http/security-headers.ts';
import { mountWebSockets } from '../http/websocket-routes.ts';
import type { Journal } from '../journal/journal.ts';
import { isMicrophoneUpload } from '../microphone/microphone-router.ts';
import { MicrophoneService } from '../microphone/microphone-service.ts';
import { BrowserGateway } from '../telephony/browser-gateway.ts';
import { STREAM_TICK_MS, TwilioGateway } from '../telephony/twilio-gateway.ts';
import { CallStorage } from './call-storage.ts';
import { mountRoutes } from './routes.ts';
import type { ServerDependencies } from './server-dependencies.ts';

const TICK_MS = 40;
const DRAIN_LOOK_MS = 50;
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

/** Everything of one server: the calls, the office behind them, and the doors they come through. */
class OffhookServer implements Server {
  readonly server: HttpServer;
  readonly #parts: ServerDependencies;
  readonly #storage: CallStorage;
  readonly #calls: CallRegistry<Journal>;
  readonly #greeter: GreetingCache;
  readonly #doors: TwilioGateway;
  readonly #limit = new FailedAttemptLimiter();
  readonly #authenticator: Authenticator;
  readonly #desk: LiveCallControl;
  readonly #browserPhone: BrowserGateway;
  readonly #microphoneRoom: MicrophoneService;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #now: () => number;
  #hurried = false;

  constructor(parts: ServerDependencies) {
    const { settings, services, log, finished, catalogue, store, now = monotonicNow } = parts;
    this.#parts = parts;
    this.#now = now;
    this.#authenticator = new Authenticator({
      access: settings.access,
      limit: this.#limit,
      now,
      publicHost: settings.publicUrl?.host,
    });
    this.#storage = new CallStorage({
      ...{ settings, services, log, now },
      ...(finished && { finished }),
      ...(catalogue && { catalogue }),
      heard: (callSid, piece, atMs) => this.#calls.get(callSid)?.heard(piece, atMs),
      watch: (callSid, event) => {
        if (event.kind === 'clear') this.#desk.desk.cut(callSid);
        parts.watch?.(callSid, event);
      },
      changed: (callSid, { turns }) => this.#desk.desk.changed(callSid, turns),
      ...(store && { store }),
    });
    this.#greeter = new GreetingCache(services.voice, settings.greeting);
    this.#calls = this.#makeCalls();
    this.#doors = this.#makeDoors();
    this.#desk = new LiveCallControl({ calls: this.#calls, authenticator: this.#authenticator, now });
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
    await this.#storage.begin();
    void this.#greeter.prepare();
    this.#timers.push(setInterval(() => this.#calls.tick(this.#now()), TICK_MS));
    this.#timers.push(setInterval(() => this.#tickDoors(), STREAM_TICK_MS));
    if (this.#parts.ownCallsOnly) return;
    this.#microphoneRoom.open();
    await this.#storage.recoverCalls((identity, journal, history) => {
      this.#doors.remember(identity);
      return this.#calls.takeUp(identity, journal, history, this.#now());
    });
  }

  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => resolve((this.server.address() as AddressInfo).port));
    });
  }

  hurry(): void {
    this.#hurried = true;
  }

  async close(drainSeconds: number): Promise<void> {
    this.#calls.close();
    const untilMs = this.#now() + drainSeconds * 1_000;
    while (this.#calls.active > 0 && this.#now() < untilMs && !this.#hurried) await pause(DRAIN_LOOK_MS);
    const left = this.#calls.list();
    this.#calls.endAll('the server is shutting down', this.#now());
    for (const { identity } of left) void this.#doors.endCall(identity.callSid);
    await this.#microphoneRoom.settled();
    await this.#storage.end();
    for (const timer of this.#timers) clearInterval(timer);
    for (const door of this.#gateways) door.close();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeIdleConnections();
    await Promise.race([closed, pause(LAST_CONNECTIONS_MS)]);
    this.server.closeAllConnections();
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
    const storage = this.#storage;
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
      openJournal: (callSid) => storage.openJournal(callSid),
      broke: (callSid, error) => this.#parts.log.error({ callSid, err: error }, 'a call broke; it is ended'),
      over: (over) => void storage.afterwards.finish(over),
      isFinished: (callSid) => storage.afterwards.isFinished(callSid),
      listen: (...sound) => this.#desk.desk.sound(...sound),
    });
  }

  #makeDoors(): TwilioGateway {
    const { settings, log, endCall } = this.#parts;
    return new TwilioGateway({
      settings,
      log,
      calls: this.#calls,
      recovery: this.#storage,
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
    for (const door of this.#gateways) door.tick(atMs);
    this.#authenticator.tick(atMs);
  }
}

/** Monotonic within the process, comparable between processes: arrival times must not jump with the wall clock. */
function monotonicNow(): number {
  return performance.timeOrigin + performance.now();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
