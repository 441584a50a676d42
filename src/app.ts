import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { AppParts } from './app-parts.ts';
import { BackOffice } from './back-office.ts';
import { BrowserPhone } from './browser-phone.ts';
import { loadResampler } from './audio/resampler.ts';
import { callSettingsOf } from './call-settings-of.ts';
import { Calls } from './call/calls.ts';
import { MadeGreeting } from './call/made-greeting.ts';
import { takeRequests } from './http-routes.ts';
import type { DiskJournal } from './installation/disk-journal.ts';
import { DeskOffice } from './desk-office.ts';
import { MicrophoneRoom } from './microphone-room.ts';
import { PhoneDoors, STREAM_TICK_MS } from './phone-doors.ts';
import { loadVoiceActivity, VoiceActivity } from './turns/voice-activity.ts';
import { bodyLimits } from './web/body-limits.ts';
import { connectionLimit, descriptorLimit } from './web/descriptor-limit.ts';
import { createLimitedServer, TIME_LIMITS } from './web/limited-server.ts';
import { isMicrophoneUpload } from './web/microphone.ts';
import { safeHeaders } from './web/safe-headers.ts';
import { Doorkeeper } from './web/doorkeeper.ts';
import { openSockets } from './web/socket-doors.ts';
import { UnprovedLimit } from './web/unproved-limit.ts';

const TICK_MS = 40;
const DRAIN_LOOK_MS = 50;
const LAST_CONNECTIONS_MS = 500;
const DROPS_LOGGED_EVERY_MS = 60_000;

export interface App {
  readonly server: Server;
  /** Resolves with the port once connections are taken. Rejects where it cannot be had. */
  listen(port: number, host: string): Promise<number>;
  /** Takes no new calls, gives live ones up to `drainSeconds`, writes all files, frees everything. */
  close(drainSeconds: number): Promise<void>;
  /** To be called while closing: live calls end now. */
  hurry(): void;
}

/** The server, from the parts handed in. */
export async function createApp(parts: AppParts): Promise<App> {
  await Promise.all([loadVoiceActivity(), loadResampler()]);
  const house = new House(parts);
  await house.open();
  return house;
}

/** Everything of one server: the calls, the office behind them, and the doors they come through. */
class House implements App {
  readonly server: Server;
  readonly #parts: AppParts;
  readonly #office: BackOffice;
  readonly #calls: Calls<DiskJournal>;
  readonly #greeter: MadeGreeting;
  readonly #doors: PhoneDoors;
  readonly #limit = new UnprovedLimit();
  readonly #doorkeeper: Doorkeeper;
  readonly #desk: DeskOffice;
  readonly #browserPhone: BrowserPhone;
  readonly #microphoneRoom: MicrophoneRoom;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #now: () => number;
  #hurried = false;

  constructor(parts: AppParts) {
    const { settings, services, log, finished, catalogue, store, now = monotonicNow } = parts;
    this.#parts = parts;
    this.#now = now;
    this.#doorkeeper = new Doorkeeper({
      ...{ access: settings.access, limit: this.#limit, now },
      ...(settings.publicUrl && { publicHost: settings.publicUrl.host }),
    });
    this.#office = new BackOffice({
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
    this.#greeter = new MadeGreeting(services.voice, settings.greeting);
    this.#calls = this.#makeCalls();
    this.#doors = this.#makeDoors();
    this.#desk = new DeskOffice({ calls: this.#calls, doorkeeper: this.#doorkeeper, now });
    this.#browserPhone = this.#makeBrowserPhone();
    this.#microphoneRoom = this.#makeMicrophoneRoom();
    const app = express();
    this.server = this.#makeServer(app);
    app.use(safeHeaders, bodyLimits(TIME_LIMITS, isMicrophoneUpload));
    const doors = this.#allDoors.map((one) => one.door());
    openSockets(app, this.server, doors, {
      refused: (path, status) => log.info({ path, status }, 'a socket was refused'),
      opened: (socket, request) => this.#doorkeeper.tie(socket, request),
    });
    takeRequests(app, {
      ...{ parts, calls: this.#calls, office: this.#office, doorkeeper: this.#doorkeeper, now },
      doors: [this.#doors.routes(), this.#browserPhone.routes(), this.#microphoneRoom.routes()],
    });
  }

  async open(): Promise<void> {
    await this.#office.begin();
    void this.#greeter.prepare();
    this.#timers.push(setInterval(() => this.#calls.tick(this.#now()), TICK_MS));
    this.#timers.push(setInterval(() => this.#tickDoors(), STREAM_TICK_MS));
    if (this.#parts.ownCallsOnly) return;
    this.#microphoneRoom.open();
    await this.#office.lookAfterTheDead((identity, journal, history) => {
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
    await this.#office.end();
    for (const timer of this.#timers) clearInterval(timer);
    for (const door of this.#allDoors) door.close();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeIdleConnections();
    await Promise.race([closed, pause(LAST_CONNECTIONS_MS)]);
    this.server.closeAllConnections();
  }

  #makeServer(app: express.Express): Server {
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

  #makeCalls(): Calls<DiskJournal> {
    const { settings, services, prompts } = this.#parts;
    const office = this.#office;
    return new Calls<DiskJournal>({
      call: {
        settings: callSettingsOf(settings),
        services,
        prompts,
        greeter: this.#greeter,
        recorded: settings.recording.enabled,
        ...(settings.ringDeskMs !== undefined && {
          bell: { ringMs: settings.ringDeskMs, isManned: () => this.#desk.desk.manned },
        }),
        judge: () => new VoiceActivity(),
        now: this.#now,
      },
      defaultFormat: settings.recording.defaultFormat,
      maxCalls: settings.limits.maxCalls,
      openJournal: (callSid) => office.openJournal(callSid),
      broke: (callSid, error) => this.#parts.log.error({ callSid, err: error }, 'a call broke; it is ended'),
      over: (over) => void office.afterwards.finish(over),
      isFinished: (callSid) => office.afterwards.isFinished(callSid),
      listen: (...sound) => this.#desk.desk.sound(...sound),
    });
  }

  #makeDoors(): PhoneDoors {
    const { settings, log, endCall } = this.#parts;
    return new PhoneDoors({
      settings,
      log,
      calls: this.#calls,
      office: this.#office,
      limit: this.#limit,
      now: this.#now,
      ...(endCall && { endCall }),
      ringing: () => this.#ringing(),
    });
  }

  #makeBrowserPhone(): BrowserPhone {
    const doorkeeper = this.#doorkeeper;
    const ringing = (): void => this.#ringing();
    return new BrowserPhone({ doorkeeper, now: this.#now, streams: this.#doors.streams(), ringing });
  }

  #ringing(): void {
    this.#parts.ringing?.();
    void this.#greeter.prepare();
  }

  get #allDoors() {
    return [this.#doors, this.#browserPhone, this.#desk, this.#microphoneRoom] as const;
  }

  #makeMicrophoneRoom(): MicrophoneRoom {
    const { settings, log, services, catalogue } = this.#parts;
    const { dictation: transcriber } = services;
    const doorkeeper = this.#doorkeeper;
    return new MicrophoneRoom({
      ...{ settings, doorkeeper, log, now: this.#now },
      ...(transcriber && { transcriber }),
      ...(catalogue && { catalogue }),
    });
  }

  #tickDoors(): void {
    const atMs = this.#now();
    for (const door of this.#allDoors) door.tick(atMs);
    this.#doorkeeper.tick(atMs);
  }
}

/** Monotonic within the process, comparable between processes: arrival times must not jump with the wall clock. */
function monotonicNow(): number {
  return performance.timeOrigin + performance.now();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
