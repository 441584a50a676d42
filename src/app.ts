import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import expressWs from 'express-ws';
import type { WebSocket } from 'ws';
import { AnnouncedCallers } from './announced-callers.ts';
import { BackOffice } from './back-office.ts';
import { callSettingsOf } from './call-settings-of.ts';
import { Calls } from './call/calls.ts';
import type { CallEvent } from './call/events.ts';
import { MadeGreeting } from './call/made-greeting.ts';
import type { Services } from './call/ports.ts';
import type { PromptBook } from './call/prompts.ts';
import type { DiskJournal } from './installation/journals.ts';
import type { Log } from './log.ts';
import { PhoneAccess } from './phone-access.ts';
import type { FileStore } from './recording/file-store.ts';
import type { FinishNews } from './recording/finisher.ts';
import { recordingName } from './recording/recording-file.ts';
import type { Settings } from './settings.ts';
import { loadVoiceActivity, VoiceActivity } from './turns/voice-activity.ts';
import { MediaStream, type StreamParts } from './twilio/media-stream.ts';
import { PHONE_PATHS, phoneRoutes } from './twilio/phone-routes.ts';
import { OneTimeTokens } from './twilio/tokens.ts';
import { answerErrors, notFound } from './web/answer-errors.ts';
import { audioFormatRoutes } from './web/audio-formats.ts';
import { healthRoutes, type HealthFacts } from './web/health.ts';
import { safeHeaders } from './web/safe-headers.ts';
import { UnprovedLimit } from './web/unproved-limit.ts';

/** Twilio's messages are about 300 bytes; more than this is somebody else's. */
const LARGEST_MESSAGE_BYTES = 64 * 1024;
const TICK_MS = 40;
const STREAM_TICK_MS = 250;
const DRAIN_LOOK_MS = 50;
const LAST_CONNECTIONS_MS = 500;

export interface AppParts {
  readonly settings: Settings;
  readonly services: Services;
  readonly prompts: PromptBook;
  readonly log: Log;
  readonly version: string;
  /** Where finished files go; absent: they stay in the folder. */
  readonly store?: FileStore;
  /** Ends a call at Twilio; absent where no account is configured. */
  readonly endCall?: (callSid: string) => Promise<void>;
  /** A phone rings: connections to the services may be opened. */
  readonly ringing?: () => void;
  readonly finished?: (news: FinishNews) => void;
  /** Told of everything that happens in a call, as it happens. */
  readonly watch?: (callSid: string, event: CallEvent) => void;
  /** Leaves calls alone that other processes left behind: for a server whose services are not the real ones. */
  readonly ownCallsOnly?: boolean;
}

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
  await loadVoiceActivity();
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
  readonly #streams = new Set<MediaStream>();
  readonly #tokens = new OneTimeTokens();
  readonly #callers = new AnnouncedCallers();
  readonly #limit = new UnprovedLimit();
  readonly #access: PhoneAccess;
  readonly #timers: NodeJS.Timeout[] = [];
  #hurried = false;

  constructor(parts: AppParts) {
    const { settings, services, log, finished, store } = parts;
    this.#parts = parts;
    this.#office = new BackOffice({
      ...{ settings, services, log, now },
      ...(finished && { finished }),
      ...(store && { store }),
    });
    this.#greeter = new MadeGreeting(services.voice, settings.greeting);
    this.#access = new PhoneAccess(settings, this.#limit);
    this.#calls = this.#makeCalls();
    const app = express();
    this.server = createServer(app);
    app.use(safeHeaders);
    this.#takeStreams(app);
    this.#takeRequests(app);
  }

  async open(): Promise<void> {
    await this.#office.begin();
    void this.#greeter.prepare();
    this.#timers.push(setInterval(() => this.#calls.tick(now()), TICK_MS));
    this.#timers.push(setInterval(() => this.#tickStreams(), STREAM_TICK_MS));
    if (this.#parts.ownCallsOnly) return;
    await this.#office.lookAfterTheDead((identity, journal, history) => {
      this.#callers.remember(identity);
      this.#calls.takeUp(identity, journal, history, now());
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
    const untilMs = now() + drainSeconds * 1_000;
    while (this.#calls.active > 0 && now() < untilMs && !this.#hurried) await pause(DRAIN_LOOK_MS);
    const left = this.#calls.list();
    this.#calls.endAll('the server is shutting down', now());
    for (const { identity } of left) void this.#endCall(identity.callSid);
    await this.#office.end();
    for (const timer of this.#timers) clearInterval(timer);
    for (const stream of this.#streams) stream.close();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeIdleConnections();
    await Promise.race([closed, pause(LAST_CONNECTIONS_MS)]);
    this.server.closeAllConnections();
  }

  #makeCalls(): Calls<DiskJournal> {
    const { settings, services, prompts, watch } = this.#parts;
    const office = this.#office;
    return new Calls<DiskJournal>({
      call: {
        settings: callSettingsOf(settings),
        services,
        prompts,
        greeter: this.#greeter,
        recorded: settings.recording.enabled,
        judge: () => new VoiceActivity(),
        now,
      },
      defaultFormat: settings.recording.defaultFormat,
      maxCalls: settings.limits.maxCalls,
      openJournal: (callSid) => office.openJournal(callSid, watch && ((event) => watch(callSid, event))),
      broke: (callSid, error) => this.#parts.log.error({ callSid, err: error }, 'a call broke; it is ended'),
      over: (over) => void office.finish(over),
      isFinished: (callSid) => office.isFinished(callSid),
    });
  }

  /** The media stream's door. It is guarded before the handshake: express-ws would let everyone in first. */
  #takeStreams(app: Express): void {
    const verifyClient = (
      { req }: { req: IncomingMessage },
      done: (ok: boolean, status?: number, message?: string) => void,
    ): void => {
      const pathAndQuery = req.url ?? '';
      const refusal =
        pathAndQuery.split('?')[0] === PHONE_PATHS.media
          ? this.#access.refusal(req, { scheme: 'wss', pathAndQuery, params: {} }, now())
          : { status: 404, sentence: 'There is no socket at this address.' };
      if (refusal) this.#parts.log.info({ status: refusal.status }, 'a socket was refused');
      if (refusal) done(false, refusal.status, refusal.sentence);
      else done(true);
    };
    const wsOptions = { maxPayload: LARGEST_MESSAGE_BYTES, perMessageDeflate: false, verifyClient };
    const { app: withSockets } = expressWs(app, this.server, { wsOptions });
    const streamParts = this.#streamParts();
    withSockets.ws(PHONE_PATHS.media, (socket: WebSocket) => {
      this.#streams.add(new MediaStream(socket, streamParts));
    });
  }

  #streamParts(): StreamParts {
    const { log } = this.#parts;
    return {
      now,
      streamStarted: (identity, streamSid, line, atMs) => {
        log.info({ callSid: identity.callSid, streamSid }, 'stream started');
        return this.#calls.streamStarted(identity, streamSid, line, atMs);
      },
      streamEnded: (callSid, line, reason, atMs, lastSignMs) => {
        log.info({ callSid, reason }, 'stream ended');
        this.#calls.streamEnded(callSid, line, reason, atMs, lastSignMs);
      },
      prove: (callSid, token, atMs) => {
        if (this.#access.wantsTokens && !this.#tokens.redeem(token, callSid, atMs)) return undefined;
        return this.#callers.identityOf(callSid);
      },
      endCall: (callSid) => this.#endCall(callSid),
      odd: (what, callSid) => log.warn({ callSid, what }, 'something odd on a media stream'),
    };
  }

  #takeRequests(app: Express): void {
    const { settings, log, version } = this.#parts;
    const { access } = settings;
    const facts = (): HealthFacts => this.#healthFacts();
    app.use(this.#phoneRoutes());
    app.use(healthRoutes({ version, access, uptimeSeconds: () => process.uptime(), facts }));
    app.use(
      audioFormatRoutes({
        access,
        limit: this.#limit,
        now,
        defaultFormat: settings.recording.defaultFormat,
        desk: {
          setFormat: (callSid, format) => {
            const outcome = this.#calls.setFormat(callSid, format, now());
            return outcome === 'set' ? { outcome, file: recordingName(callSid, format) } : { outcome };
          },
        },
      }),
    );
    app.use(notFound, answerErrors(log));
  }

  #phoneRoutes(): express.Router {
    const { settings, log } = this.#parts;
    return phoneRoutes({
      now,
      language: settings.language,
      refusal: (request, params) =>
        this.#access.refusal(request, { scheme: 'https', pathAndQuery: request.originalUrl, params }, now()),
      address: (request, path, scheme) => this.#access.address(request, path, scheme),
      ring: (identity, atMs) => {
        const outcome = this.#calls.ring(identity, atMs);
        if (outcome === 'welcome') {
          this.#callers.remember(identity);
          this.#parts.ringing?.();
          void this.#greeter.prepare();
        }
        return outcome;
      },
      goesOn: (callSid, atMs) => this.#calls.goesOn(callSid, atMs),
      completed: (callSid, atMs) => this.#calls.completed(callSid, atMs),
      issueToken: (identity, atMs) => {
        this.#callers.remember(identity);
        return this.#tokens.issue(identity.callSid, atMs);
      },
      note: (what, fields) => log.info(fields, what),
    });
  }

  /** False where Twilio could not be told, so that closing the socket has to do. */
  async #endCall(callSid: string): Promise<boolean> {
    if (!this.#parts.endCall) return false;
    try {
      await this.#parts.endCall(callSid);
      return true;
    } catch (error) {
      this.#parts.log.warn(
        { callSid, err: error },
        'hanging up over REST failed; the socket is closed instead',
      );
      return false;
    }
  }

  #tickStreams(): void {
    const atMs = now();
    for (const stream of this.#streams) if (!stream.tick(atMs)) this.#streams.delete(stream);
  }

  #healthFacts(): HealthFacts {
    const { services, endCall } = this.#parts;
    const named = {
      transcription: services.transcriber,
      chat: services.replier,
      speech: services.voice,
      telephony: endCall,
    };
    const { backlogBytes, writeLagMs, syncLagMs, lostEvents } = this.#office.journals.figures;
    return {
      status: this.#calls.closing ? 'draining' : 'ok',
      activeCalls: this.#calls.active,
      activeConnections: this.#calls.connected,
      missing: Object.entries(named).flatMap(([name, part]) => (part ? [] : [name])),
      figures: {
        finishingCalls: this.#office.finishing,
        ...(this.#parts.store && { unstoredCalls: this.#office.unstored }),
        journalBacklogBytes: backlogBytes,
        journalWriteLagMs: Math.round(writeLagMs),
        journalSyncLagMs: Math.round(syncLagMs),
        journalLostEvents: lostEvents,
      },
    };
  }
}

/** Monotonic within the process, comparable between processes: arrival times must not jump with the wall clock. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
