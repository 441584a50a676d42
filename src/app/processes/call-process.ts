import type { Socket } from 'node:net';
import type { Clock } from '../../events/clock.ts';
import { componentLog } from '../../log.ts';
import { STREAM_TICK_MS } from '../../telephony/twilio-gateway.ts';
import { ProcessTelephoneCalls } from '../../telephony/telephone-calls.ts';
import { EmbeddedTickets } from '../../telephony/twilio/stream-tickets.ts';
import type { ServerDependencies } from '../server-dependencies.ts';
import { systemClock } from '../system-clock.ts';
import { type CallHost, ownCallHost } from './call-host.ts';
import type { DeskInterest, FromHost, HandedRequest, ToHost } from './host-messages.ts';
import { HandedSockets } from './handed-sockets.ts';
import { machineMs } from './machine-clock.ts';
import { prepareForCalls } from './prepare-for-calls.ts';
import { ProcessCalls } from './process-calls.ts';
import { streamPath } from './stream-path.ts';
import { ProcessChannel, type ProcessEnd } from './process-channel.ts';

const NO_INTEREST: DeskInterest = { isWatched: false, hasAvailableOperator: false, listened: [] };

/**
 * Runs calls for the main process, which has webhooks, desk and API. Resolves when it is told to stop, or when the main process has
 * ended: its live calls have `drainSeconds` to finish then, too.
 */
export async function runCallProcess(
  dependencies: ServerDependencies,
  end: ProcessEnd,
  number: number,
): Promise<void> {
  await prepareForCalls();
  await new CallProcess(dependencies, end, number).run();
}

/** The calls of one process, and its side of the channel to the main process. */
class CallProcess {
  readonly #calls: ProcessCalls;
  readonly #telephone: ProcessTelephoneCalls;
  readonly #host: CallHost;
  readonly #main: ProcessChannel<FromHost>;
  readonly #clock: Clock;
  readonly #handed = new HandedSockets();
  readonly #hurried = new AbortController();
  readonly #stopped: Promise<number>;
  #interest = NO_INTEREST;
  #reported = '';

  constructor(dependencies: ServerDependencies, end: ProcessEnd, number: number) {
    const { settings, telephony, clock = systemClock } = dependencies;
    const log = componentLog(dependencies.log, 'telephony');
    this.#clock = clock;
    const interest = (): DeskInterest => this.#interest;
    const desk = {
      get isWatched() {
        return interest().isWatched;
      },
      get hasAvailableOperator() {
        return interest().hasAvailableOperator;
      },
    };
    const now = (): number => clock.now();
    // The main process has the limit of all.
    this.#calls = new ProcessCalls({ dependencies, desk, clock, maxCalls: 0 });
    const { registry } = this.#calls;
    this.#telephone = new ProcessTelephoneCalls({
      calls: registry,
      ownership: { acquire: () => undefined, beginsAnew: () => false },
      log,
      clock,
      terminator: telephony,
      path: streamPath(number),
      tickets: { store: new EmbeddedTickets(), required: settings.twilio.authToken !== undefined },
      ringing: () => this.#calls.ringing(),
    });
    this.#host = ownCallHost(this.#calls, this.#telephone, now);
    let stop: (drainSeconds: number) => void = () => undefined;
    this.#stopped = new Promise((resolve) => (stop = resolve));
    end.on('disconnect', () => stop(settings.limits.drainSeconds));
    const failed = (error: unknown): void =>
      log.error({ err: error }, 'a request of the main process failed');
    this.#main = new ProcessChannel<FromHost>(end, this.#methods(stop), clock, failed);
  }

  async run(): Promise<void> {
    await this.#calls.open();
    this.#subscribe();
    const timer = setInterval(() => this.#tick(), STREAM_TICK_MS);
    this.#report();
    this.#main.tell('ready');
    const drainSeconds = await this.#stopped;
    const { registry } = this.#calls;
    registry.close();
    await this.#calls.drain(drainSeconds * 1_000, this.#hurried.signal);
    const left = registry.list();
    registry.endAll('the server is shutting down', this.#clock.now());
    await Promise.all(left.map(({ identity }) => this.#telephone.endCall(identity.callSid)));
    this.#report();
    await this.#calls.close();
    clearInterval(timer);
    this.#telephone.close();
  }

  #methods(stop: (drainSeconds: number) => void): ToHost {
    const host = this.#host;
    return {
      ...host,
      check: () => undefined,
      ring: async (identity, byMs) => {
        if (machineMs() > byMs) throw new Error('the request to take a call comes too late');
        const result = await host.ring(identity);
        // At once: a call may end before the next tick, and would then be in no report.
        this.#report();
        return result;
      },
      stream: (request: HandedRequest, socket?: Socket) => {
        if (socket) this.#handed.add(request, socket);
      },
      drop: (number) => this.#handed.drop(number),
      accept: (number) => this.#handed.accept(number, (stream) => this.#telephone.open(stream)),
      desk: (interest) => void (this.#interest = interest),
      stop,
      hurry: () => this.#hurried.abort(),
    };
  }

  #subscribe(): void {
    const { sound, events, changes } = this.#calls;
    const isListened = (callSid: string): boolean => this.#interest.listened.includes(callSid);
    sound.subscribe((callSid, ...heard) => {
      if (isListened(callSid)) this.#main.tellUnlessSlow('sound', callSid, ...heard);
    });
    events.subscribe(['clear'], (callSid) => {
      if (isListened(callSid)) this.#main.tell('cut', callSid);
    });
    changes.subscribe((callSid, { turns }) => {
      if (turns.length > 0) this.#main.tell('turns', callSid, turns);
    });
  }

  #tick(): void {
    const atMs = this.#clock.now();
    this.#calls.tick(atMs);
    this.#telephone.tick(atMs);
    this.#report();
  }

  /** Reports calls and health if they have changed. */
  #report(): void {
    const { connected, health } = this.#host;
    const state = { calls: this.#host.list(), connected, health };
    const text = JSON.stringify(state);
    if (text === this.#reported) return;
    this.#reported = text;
    this.#main.tell('state', state);
  }
}
