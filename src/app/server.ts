import express from 'express';
import type { Server as HttpServer } from 'node:http';
import type { Clock } from '../events/clock.ts';
import { CALL_EVENT_KINDS } from '../events/event-bus.ts';
import { Authenticator } from '../http/auth/authenticator.ts';
import { FailedAttemptLimiter } from '../http/auth/failed-attempt-limiter.ts';
import { bodyLimits } from '../http/body-limits.ts';
import { TIME_LIMITS } from '../http/limited-server.ts';
import { securityHeaders } from '../http/security-headers.ts';
import { componentLog } from '../log.ts';
import type { FinalizerNews } from '../records/finalization/finalizer-options.ts';
import { isFromBrowser } from '../telephony/browser-gateway.ts';
import { ProcessTelephoneCalls } from '../telephony/telephone-calls.ts';
import { STREAM_TICK_MS } from '../telephony/twilio-gateway.ts';
import { MEDIA_STREAM_PATH } from '../telephony/twilio/webhook-routes.ts';
import { NewCalls } from './admission/new-calls.ts';
import { type Cluster, embeddedTickets, type ServerPeers } from './cluster.ts';
import { deskReports, deskState } from './processes/desk-connection.ts';
import { Gateways } from './gateways.ts';
import { HttpListener } from './http-listener.ts';
import { AllCalls } from './processes/all-calls.ts';
import { MachineSystem } from './machines/machine-system.ts';
import { type CallHost, ownCallHost } from './processes/call-host.ts';
import { CallProcesses } from './processes/call-processes.ts';
import type { CallProcessListener } from './processes/supervised-process.ts';
import { prepareForCalls } from './processes/prepare-for-calls.ts';
import { ProcessCalls } from './processes/process-calls.ts';
import { mountRoutes } from './routes.ts';
import { mountSockets } from './sockets.ts';
import type { ServerDependencies } from './server-dependencies.ts';
import { StorageMaintenance } from './storage/storage-maintenance.ts';
import { systemClock } from './system-clock.ts';

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
export async function createServer(
  dependencies: ServerDependencies,
  peers: ServerPeers = {},
): Promise<Server> {
  await prepareForCalls();
  const server = new OffhookServer(dependencies, peers);
  await server.open();
  return server;
}

/** One server: its live calls, those of further processes, and the gateways they arrive through. */
class OffhookServer implements Server {
  readonly #dependencies: ServerDependencies;
  readonly #cluster: Cluster | undefined;
  /** The calls of this process. */
  readonly #calls: ProcessCalls;
  readonly #telephone: ProcessTelephoneCalls;
  readonly #own: CallHost;
  readonly #processes: CallProcesses | undefined;
  readonly #newCalls: NewCalls;
  readonly #allCalls: AllCalls;
  readonly #maintenance: StorageMaintenance;
  /** Undefined: this machine is alone. */
  readonly #system: MachineSystem | undefined;
  readonly #authenticator: Authenticator;
  readonly #gateways: Gateways;
  readonly #listener: HttpListener;
  readonly #clock: Clock;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  /** Aborted when live calls must end now. */
  readonly #hurried = new AbortController();

  constructor(dependencies: ServerDependencies, { processes, cluster }: ServerPeers) {
    const { settings, log, telephony, clock = systemClock } = dependencies;
    const now = (): number => clock.now();
    this.#dependencies = dependencies;
    this.#cluster = cluster;
    const tickets = cluster?.tickets ?? embeddedTickets();
    this.#clock = clock;
    this.#now = now;
    const limit = new FailedAttemptLimiter();
    const { access, publicUrl, limits, twilio } = settings;
    if (cluster) limit.share(cluster.access.attempts, 'requests', now);
    const sessions = cluster?.access.sessions;
    this.#authenticator = new Authenticator({ access, limit, sessions, now, publicHost: publicUrl?.host });
    const { maxCalls } = limits;
    const { defaultFormat: format, directory: recordings } = settings.recording;
    const system = cluster && new MachineSystem({ cluster, recordings, log, clock, format });
    this.#system = system;
    const { shared, machines } = system ?? {};
    const desk = deskState(() => this.#gateways.desk, machines);
    this.#calls = new ProcessCalls({ dependencies, desk, clock, maxCalls, shared });
    const { registry } = this.#calls;
    this.#maintenance = new StorageMaintenance(this.#calls.storage);
    const ownership = system?.own({ calls: this.#calls, maintenance: this.#maintenance, telephony });
    const ringing = (): void => this.#calls.ringing();
    this.#telephone = new ProcessTelephoneCalls({
      calls: registry,
      ownership: ownership ?? this.#maintenance,
      log: componentLog(log, 'telephony'),
      clock,
      path: MEDIA_STREAM_PATH,
      terminator: telephony,
      ringing,
      tickets: { store: tickets.telephone, required: twilio.authToken !== undefined },
    });
    const own = (this.#own = ownCallHost(this.#calls, this.#telephone, now));
    const listener = this.#reports();
    this.#processes = processes && new CallProcesses({ ...processes, log, clock, format, listener });
    this.#newCalls = new NewCalls(limits, () => this.#allCalls, componentLog(log, 'server'));
    this.#allCalls = new AllCalls({
      own,
      others: this.#processes ?? { hosts: [] },
      machines,
      newCalls: this.#newCalls,
      log,
    });
    this.#gateways = new Gateways({
      dependencies,
      calls: this.#allCalls,
      telephone: this.#telephone,
      authenticator: this.#authenticator,
      limit,
      clock,
      tickets: tickets.browser,
      ringing,
    });
    this.#subscribe();
    const app = express();
    this.#listener = new HttpListener(app, clock, componentLog(log, 'http'));
    this.#mount(app);
  }

  get server(): HttpServer {
    return this.#listener.server;
  }

  async open(): Promise<void> {
    await this.#calls.open();
    await this.#authenticator.sessions.ready;
    this.#timer = setInterval(() => this.#tick(), STREAM_TICK_MS);
    if (this.#dependencies.records?.skipMaintenance) return;
    this.#gateways.microphone.open();
    this.#calls.services.start();
    await this.#maintenance.start({
      resume: (identity, journal, history) => {
        this.#telephone.remember(identity);
        return this.#calls.resume(identity, journal, history);
      },
    });
    await this.#processes?.open();
    await this.#system?.start(this.#calls, this.#own, this.#reports());
  }

  listen(port: number, host: string): Promise<number> {
    return this.#listener.listen(port, host);
  }

  hurry(): void {
    this.#hurried.abort();
    this.#processes?.hurry();
  }

  async close(drainSeconds: number): Promise<void> {
    const { registry } = this.#calls;
    this.#newCalls.stop();
    registry.close();
    const others = this.#processes?.close(drainSeconds);
    await this.#calls.drain(drainSeconds * 1_000, this.#hurried.signal);
    await this.#system?.handOverAll();
    const left = registry.list();
    registry.endAll('the server is shutting down', this.#now());
    // Calls from a browser end with their sockets.
    for (const { identity } of left)
      if (!isFromBrowser(identity)) void this.#telephone.endCall(identity.callSid);
    await others;
    this.#maintenance.stop();
    await Promise.all([this.#gateways.microphone.idle(), this.#system?.endJobs()]);
    await this.#calls.close();
    await this.#system?.close();
    clearInterval(this.#timer);
    this.#telephone.close();
    this.#gateways.close();
    await this.#listener.close();
    this.#cluster?.close();
  }

  /** What other processes tell of their calls. */
  #reports(): CallProcessListener {
    return deskReports(
      () => this.#gateways.desk,
      (calls) => {
        this.#allCalls.processEnded(calls);
        this.#maintenance.recover();
      },
    );
  }

  /** Passes the events of calls to the desk and the observer. */
  #subscribe(): void {
    const { turns, sound, cut } = this.#reports();
    const { observer } = this.#dependencies;
    this.#calls.sound.subscribe(sound);
    this.#calls.events.subscribe(['clear'], cut);
    this.#calls.changes.subscribe((callSid, changed) => turns(callSid, changed.turns));
    if (observer?.event)
      this.#calls.events.subscribe(CALL_EVENT_KINDS, (callSid, event) => observer.event?.(callSid, event));
    const finished = (news: FinalizerNews): void => observer?.finished?.(news);
    this.#calls.storage.observe({ finished, failed: finished });
  }

  #mount(app: express.Express): void {
    app.use(securityHeaders, bodyLimits(TIME_LIMITS));
    mountSockets(app, {
      server: this.server,
      gateways: this.#gateways,
      authenticator: this.#authenticator,
      processes: this.#processes,
      log: componentLog(this.#dependencies.log, 'http'),
    });
    mountRoutes(app, {
      dependencies: this.#dependencies,
      cluster: this.#cluster,
      calls: this.#allCalls,
      newCalls: this.#newCalls,
      storage: this.#calls.storage,
      authenticator: this.#authenticator,
      gateways: this.#gateways,
      clock: this.#clock,
    });
  }

  #tick(): void {
    const atMs = this.#now();
    this.#calls.tick(atMs);
    this.#newCalls.tick(atMs);
    this.#telephone.tick(atMs);
    this.#gateways.tick(atMs);
    this.#authenticator.tick(atMs);
    const { interest } = this.#gateways.desk;
    this.#processes?.setInterest(interest);
    this.#system?.tick(interest);
  }
}
