import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Request } from 'express';
import expressWs from 'express-ws';
import type { WebSocket } from 'ws';
import { BackOffice } from './back-office.ts';
import type { Identity } from './call/call.ts';
import { Calls } from './call/calls.ts';
import type { CallSettings } from './call/call-settings.ts';
import { MadeGreeting } from './call/made-greeting.ts';
import type { Services } from './call/ports.ts';
import type { PromptBook } from './call/prompts.ts';
import type { DiskJournal } from './installation/journals.ts';
import type { Log } from './log.ts';
import type { FinishNews } from './recording/finisher.ts';
import { recordingName } from './recording/recording-file.ts';
import type { Settings } from './settings.ts';
import { loadVoiceActivity, VoiceActivity } from './turns/voice-activity.ts';
import { MediaStream } from './twilio/media-stream.ts';
import { PHONE_PATHS, phoneRoutes } from './twilio/phone-routes.ts';
import { provesTwilio, type FormParams } from './twilio/signature.ts';
import { OneTimeTokens } from './twilio/tokens.ts';
import { answerErrors, notFound } from './web/answer-errors.ts';
import { audioFormatRoutes } from './web/audio-formats.ts';
import { healthRoutes, type HealthFacts } from './web/health.ts';
import { safeHeaders } from './web/safe-headers.ts';
import { UnprovedLimit } from './web/unproved-limit.ts';
import { admit, factsOf, isLocal } from './web/who-is-local.ts';

/** Twilio's messages are about 300 bytes; more than this is somebody else's. */
const LARGEST_MESSAGE_BYTES = 64 * 1024;
const TICK_MS = 40;
const STREAM_TICK_MS = 250;
const DRAIN_LOOK_MS = 50;

export interface AppParts {
  readonly settings: Settings;
  readonly services: Services;
  readonly prompts: PromptBook;
  readonly log: Log;
  readonly version: string;
  /** Ends a call at Twilio; absent where no account is configured. */
  readonly endCall?: (callSid: string) => Promise<void>;
  /** A phone rings: connections to the services may be opened. */
  readonly ringing?: () => void;
  readonly finished?: (news: FinishNews) => void;
}

export interface App {
  readonly server: Server;
  /** Resolves with the port once connections are taken. Rejects where it cannot be had. */
  listen(port: number, host: string): Promise<number>;
  /**
   * Takes no new calls, gives live ones up to `drainSeconds`, writes all files, frees everything.
   * `hurry` may be called meanwhile: live calls end now.
   */
  close(drainSeconds: number): Promise<void>;
  hurry(): void;
}

/** The server, from the parts handed in. */
export async function createApp(parts: AppParts): Promise<App> {
  const { settings, log } = parts;
  await loadVoiceActivity();
  // Monotonic within the process, comparable between processes: arrival times must not jump with the wall clock.
  const now = (): number => performance.timeOrigin + performance.now();
  const office = new BackOffice({
    settings,
    services: parts.services,
    log,
    now,
    ...(parts.finished && { finished: parts.finished }),
  });
  await office.begin();
  const greeter = new MadeGreeting(parts.services.voice, settings.greeting);
  void greeter.prepare();
  const calls = new Calls<DiskJournal>({
    call: {
      settings: callSettingsOf(settings),
      services: parts.services,
      prompts: parts.prompts,
      greeter,
      recorded: settings.recording.enabled,
      judge: () => new VoiceActivity(),
      now,
    },
    defaultFormat: settings.recording.defaultFormat,
    maxCalls: settings.limits.maxCalls,
    openJournal: (callSid) => office.openJournal(callSid),
    over: (over) => void office.finish(over),
    isFinished: (callSid) => office.isFinished(callSid),
    trouble: (callSid, error) => log.error({ callSid, err: error }, 'a mistake of ours ended a call'),
  });
  const streams = new Set<MediaStream>();
  const tokens = new OneTimeTokens();
  const ringing = new Map<string, Identity>();

  const app = express();
  app.use(safeHeaders);
  const limit = new UnprovedLimit();
  const server = createServer(app);
  expressWs(app, server, {
    wsOptions: {
      maxPayload: LARGEST_MESSAGE_BYTES,
      perMessageDeflate: false,
      verifyClient: (
        info: { req: IncomingMessage },
        done: (ok: boolean, code?: number, message?: string) => void,
      ) => {
        const pathAndQuery = info.req.url ?? '';
        const refusal =
          pathAndQuery.split('?')[0] === PHONE_PATHS.media
            ? refusalOf(parts, limit, info.req, { scheme: 'wss', pathAndQuery, params: {} }, now())
            : { status: 404, sentence: 'There is no socket at this address.' };
        if (refusal) {
          log.info({ status: refusal.status }, 'a socket was refused');
          done(false, refusal.status, refusal.sentence);
        } else done(true);
      },
    },
  });
  const identityOf = (callSid: string): Identity =>
    ringing.get(callSid) ?? { callSid, from: 'unknown', to: 'unknown' };
  (app as unknown as expressWs.Application).ws(PHONE_PATHS.media, (socket: WebSocket) => {
    const stream = new MediaStream(socket, {
      now,
      streamStarted: (identity, streamSid, line, atMs) => {
        log.info({ callSid: identity.callSid, streamSid }, 'stream started');
        return calls.streamStarted(identity, streamSid, line, atMs);
      },
      streamEnded: (callSid, line, reason, atMs, lastSignMs) => {
        log.info({ callSid, reason }, 'stream ended');
        calls.streamEnded(callSid, line, reason, atMs, lastSignMs);
      },
      prove: (callSid, token, atMs) => {
        if (settings.twilio.authToken === undefined) return identityOf(callSid);
        return tokens.redeem(token, callSid, atMs) ? identityOf(callSid) : undefined;
      },
      endCall: async (callSid) => {
        if (!parts.endCall) return false;
        try {
          await parts.endCall(callSid);
          return true;
        } catch (error) {
          log.warn({ callSid, err: error }, 'hanging up over REST failed; the socket is closed instead');
          return false;
        }
      },
      odd: (what, callSid) => log.warn({ callSid, what }, 'something odd on a media stream'),
    });
    streams.add(stream);
  });
  app.use(
    phoneRoutes({
      now,
      language: settings.language,
      refusal: (request, params) =>
        refusalOf(
          parts,
          limit,
          request,
          { scheme: 'https', pathAndQuery: request.originalUrl, params },
          now(),
        ),
      address: (request, path, scheme) => addressOf(settings, request, path, scheme),
      ring: (identity, atMs) => {
        const outcome = calls.ring(identity, atMs);
        if (outcome === 'welcome') {
          remember(ringing, identity);
          parts.ringing?.();
          void greeter.prepare();
        }
        return outcome;
      },
      goesOn: (callSid, atMs) => calls.goesOn(callSid, atMs),
      completed: (callSid, atMs) => calls.completed(callSid, atMs),
      issueToken: (identity, atMs) => {
        remember(ringing, identity);
        return tokens.issue(identity.callSid, atMs);
      },
      note: (what, fields) => log.info(fields, what),
    }),
  );
  const guarded = { access: settings.access, limit, now };
  app.use(
    healthRoutes({
      version: parts.version,
      access: settings.access,
      uptimeSeconds: () => process.uptime(),
      facts: () => healthFacts(parts, calls, office),
    }),
    audioFormatRoutes({
      ...guarded,
      defaultFormat: settings.recording.defaultFormat,
      desk: {
        setFormat: (callSid, format) => {
          const outcome = calls.setFormat(callSid, format, now());
          return outcome === 'set' ? { outcome, file: recordingName(callSid, format) } : { outcome };
        },
      },
    }),
    notFound,
    answerErrors(log),
  );

  const timers = [
    setInterval(() => calls.tick(now()), TICK_MS),
    setInterval(() => {
      for (const stream of streams) if (!stream.tick(now())) streams.delete(stream);
    }, STREAM_TICK_MS),
  ];
  await office.lookAfterTheDead((identity, journal, history) => {
    remember(ringing, identity);
    calls.takeUp(identity, journal, history, now());
  });

  let hurried = false;
  return {
    server,
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
      }),
    hurry: () => (hurried = true),
    close: async (drainSeconds) => {
      calls.close();
      const untilMs = now() + drainSeconds * 1_000;
      while (calls.active > 0 && now() < untilMs && !hurried)
        await new Promise((resolve) => setTimeout(resolve, DRAIN_LOOK_MS));
      const left = calls.list();
      calls.endAll('the server is shutting down', now());
      for (const { identity } of left) void parts.endCall?.(identity.callSid).catch(() => undefined);
      await office.end();
      for (const timer of timers) clearInterval(timer);
      for (const stream of streams) stream.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        setTimeout(resolve, 500).unref();
      });
    },
  };
}

/** Callers' numbers of calls that may still get a stream; the oldest are forgotten. */
const MOST_REMEMBERED = 5_000;

function remember(ringing: Map<string, Identity>, identity: Identity): void {
  const known = ringing.get(identity.callSid);
  ringing.delete(identity.callSid);
  ringing.set(identity.callSid, identity.from === 'unknown' && known ? known : identity);
  for (const oldest of ringing.keys()) {
    if (ringing.size <= MOST_REMEMBERED) return;
    ringing.delete(oldest);
  }
}

export function callSettingsOf({ turns, limits }: Settings): CallSettings {
  const { endOfTurnMs, preRollMs, minSpeechMs, bargeInMs, longestUtteranceMs, ...talk } = turns;
  return {
    turns: { endOfTurnMs, preRollMs, minSpeechMs, bargeInMs, longestUtteranceMs },
    talk,
    maxLeadMs: limits.maxLeadMs,
    maxCallMinutes: limits.maxCallMinutes,
  };
}

function healthFacts(parts: AppParts, calls: Calls<DiskJournal>, office: BackOffice): HealthFacts {
  const { services } = parts;
  const missing = [
    ...(services.transcriber ? [] : ['transcription']),
    ...(services.replier ? [] : ['chat']),
    ...(services.voice ? [] : ['speech']),
    ...(parts.endCall ? [] : ['telephony']),
  ];
  const { backlogBytes, writeLagMs, syncLagMs, lostEvents } = office.journals.figures;
  return {
    status: calls.closing ? 'draining' : 'ok',
    activeCalls: calls.active,
    activeConnections: calls.connected,
    missing,
    figures: {
      finishingCalls: office.finishing,
      journalBacklogBytes: backlogBytes,
      journalWriteLagMs: Math.round(writeLagMs),
      journalSyncLagMs: Math.round(syncLagMs),
      journalLostEvents: lostEvents,
    },
  };
}

interface Refusal {
  readonly status: number;
  readonly sentence: string;
}

/** What a request to a phone route has to prove, and how. */
interface Claim {
  readonly scheme: 'https' | 'wss';
  /** As received, still encoded. */
  readonly pathAndQuery: string;
  readonly params: FormParams;
}

/** Whoever keeps failing is answered less and less; Twilio's own requests prove themselves and never count. */
function refusalOf(
  parts: AppParts,
  limit: UnprovedLimit,
  request: IncomingMessage,
  claim: Claim,
  atMs: number,
): Refusal | undefined {
  const refusal = unproved(parts.settings, request, claim);
  if (!refusal) return undefined;
  const address = request.socket.remoteAddress ?? '';
  const waitSeconds = limit.waitSeconds(address, atMs);
  limit.failed(address, atMs);
  if (waitSeconds === 0 || isLocal(factsOf(request))) return refusal;
  return { status: 429, sentence: `Too many attempts. Try again in ${waitSeconds} s.` };
}

/** With a Twilio token everyone must be signed; without one only this very machine may call. */
function unproved(settings: Settings, request: IncomingMessage, claim: Claim): Refusal | undefined {
  const facts = factsOf(request);
  const admission = admit(facts, settings.access);
  if (admission.admitted && admission.why === 'token') return undefined;
  const { authToken } = settings.twilio;
  const { publicUrl } = settings;
  if (authToken === undefined || publicUrl === undefined) {
    if (isLocal(facts)) return undefined;
    return {
      status: 403,
      sentence: 'Only this very machine may call until TWILIO_AUTH_TOKEN and PUBLIC_URL are set.',
    };
  }
  const signature = request.headers['x-twilio-signature'];
  const header = typeof signature === 'string' ? signature : undefined;
  if (provesTwilio({ authToken, publicUrl, header, ...claim })) return undefined;
  return { status: 403, sentence: 'The request is not signed by Twilio for this address (see PUBLIC_URL).' };
}

function addressOf(settings: Settings, request: Request, path: string, scheme: 'http' | 'ws'): string {
  const { publicUrl } = settings;
  if (!publicUrl) return `${scheme}://${request.headers.host ?? 'localhost'}${path}`;
  const url = new URL(publicUrl.href);
  url.pathname = `${url.pathname.replace(/\/$/u, '')}${path}`;
  return scheme === 'ws' ? url.href.replace(/^http/u, 'ws') : url.href;
}
