import type { AudioFormat } from '../../audio/formats/formats.ts';
import type { Clock } from '../../events/clock.ts';
import type { Log } from '../../log.ts';
import { streamPath } from './stream-path.ts';
import type { ListedCall } from '../../desk/desk-ports.ts';
import type { FromHost, ToHost } from './host-messages.ts';
import { ProcessChannel, type ProcessEnd } from './process-channel.ts';
import { RemoteCallHost } from './remote-call-host.ts';

/** A process that ends is started again after the first of these times; if it ends again within a minute, after the next one. */
const RESTART_AFTER_MS = [500, 2_000, 10_000, 60_000] as const;
const LASTED_MS = 60_000;
/** A process must be able to take calls within this time. */
const READY_WITHIN_MS = 30_000;
/** A process that does not answer this often in a row, two seconds each time, hangs: its calls have no sound. */
const MAX_UNANSWERED = 3;
const CHECK_EVERY_MS = 1_000;
/** From the end of the drain to the exit: files of short calls are written meanwhile. */
const EXIT_WITHIN_MS = 30_000;

/** What is used of a child process. */
export interface StartedProcess extends ProcessEnd {
  readonly pid?: number | undefined;
  kill(signal: 'SIGKILL'): unknown;
  once(event: 'exit', listener: (code: number | null, signal: string | null) => void): unknown;
  /** It could not be started or killed, or a message could not be sent. */
  readonly on: ProcessEnd['on'] & ((event: 'error', listener: (error: Error) => void) => unknown);
}

/** Starts the process with this number, with a channel for messages. */
export type StartCallProcess = (number: number) => StartedProcess;

/** Receives what is told of calls that are elsewhere. */
export interface CallReports extends Pick<FromHost, 'turns' | 'sound' | 'cut'> {
  /** The list of calls has been reported. */
  listed(): void;
}

/** Receives what a process tells. */
export interface CallProcessListener extends CallReports {
  /** A process has ended by itself, with these calls. */
  ended(calls: readonly ListedCall[]): void;
}

export interface SupervisedProcessOptions {
  readonly number: number;
  readonly start: StartCallProcess;
  readonly log: Log;
  readonly clock: Clock;
  readonly listener: CallProcessListener;
  /** Of recordings, unless it is changed. */
  readonly format: AudioFormat;
}

/** Settles once. */
class ReadyState {
  resolve: () => void = () => undefined;
  reject: (error: Error) => void = () => undefined;
  readonly promise = new Promise<void>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  constructor() {
    this.promise.catch(() => undefined);
  }
}

/** One process with calls, which is started again when it ends. */
export class SupervisedProcess {
  /** Where its media streams arrive. */
  readonly path: string;
  readonly #options: SupervisedProcessOptions;
  #child: StartedProcess | undefined;
  #channel: ProcessChannel<ToHost> | undefined;
  #host: RemoteCallHost | undefined;
  /** How often it ended within a minute after its start, in a row. */
  #failedStarts = 0;
  readonly #closing = new AbortController();

  constructor(options: SupervisedProcessOptions) {
    this.#options = options;
    this.path = streamPath(options.number);
  }

  /** Undefined while it cannot take calls. */
  get host(): RemoteCallHost | undefined {
    return this.#host;
  }

  /** Starts the process. Resolves when it can take calls; rejects if it cannot. */
  async open(): Promise<void> {
    const { number, start, log, clock, listener } = this.#options;
    const startedAtMs = clock.now();
    let child: StartedProcess;
    try {
      child = start(number);
    } catch (error) {
      // There are too many processes or too little memory, for now.
      void this.#restart(0);
      throw error;
    }
    this.#child = child;
    const isReady = new ReadyState();
    const methods: FromHost = {
      ready: () => {
        this.#host = host;
        isReady.resolve();
      },
      state: (state) => {
        host.report(state);
        listener.listed();
      },
      turns: listener.turns,
      sound: listener.sound,
      cut: listener.cut,
    };
    const channel = new ProcessChannel<ToHost>(child, methods, clock, (error) =>
      log.error({ process: number, err: error }, 'a report of a process failed'),
    );
    const host = new RemoteCallHost(channel, () => clock.now(), this.#options.format);
    this.#channel = channel;
    const exited = new AbortController();
    const over = (code: number | null, signal: string | null): void => {
      exited.abort();
      const calls = host.list();
      this.#host = undefined;
      this.#child = undefined;
      isReady.reject(new Error(`the process ended with ${signal ?? `code ${code}`}`));
      if (this.#closing.signal.aborted) return;
      log.error(
        { process: number, pid: child.pid, code, signal },
        'a process with calls has ended; its calls continue in the main process',
      );
      listener.ended(calls);
      void this.#restart(clock.now() - startedAtMs);
    };
    child.once('exit', over);
    child.on('error', (error) => {
      log.error({ process: number, err: error }, 'a process with calls could not be started or reached');
      if (child.pid === undefined && !exited.signal.aborted) over(null, null);
    });
    const waited = new AbortController();
    void clock.sleep(READY_WITHIN_MS, waited.signal).then(() => {
      if (!waited.signal.aborted)
        isReady.reject(new Error(`the process cannot take calls within ${READY_WITHIN_MS} ms`));
    });
    try {
      await isReady.promise;
      log.info({ process: number, pid: child.pid }, 'a process can take calls');
      void this.#killIfHung(child, channel, exited.signal);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    } finally {
      waited.abort();
    }
  }

  hurry(): void {
    this.#channel?.tell('hurry');
  }

  /** No new calls; live ones have `drainSeconds` to finish. Resolves when the process has exited. */
  async close(drainSeconds: number): Promise<void> {
    this.#closing.abort();
    const child = this.#child;
    if (!child) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.#channel?.tell('stop', drainSeconds);
    const waited = new AbortController();
    const { clock, log, number } = this.#options;
    const late = clock.sleep(drainSeconds * 1_000 + EXIT_WITHIN_MS, waited.signal).then(() => {
      if (waited.signal.aborted) return;
      log.error(
        { process: number, pid: child.pid },
        'a process with calls does not stop; it is killed, and the next start finishes its calls',
      );
      child.kill('SIGKILL');
    });
    await exited;
    waited.abort();
    await late;
  }

  async #killIfHung(
    child: StartedProcess,
    channel: ProcessChannel<ToHost>,
    exited: AbortSignal,
  ): Promise<void> {
    const { clock, log, number } = this.#options;
    for (let unanswered = 0; unanswered < MAX_UNANSWERED;) {
      await clock.sleep(CHECK_EVERY_MS, exited);
      if (exited.aborted) return;
      const answers = await channel.ask('check').then(
        () => true,
        () => false,
      );
      unanswered = answers ? 0 : unanswered + 1;
    }
    if (exited.aborted) return;
    log.error({ process: number, pid: child.pid }, 'a process with calls does not answer; it is killed');
    child.kill('SIGKILL');
  }

  async #restart(lastedMs: number): Promise<void> {
    this.#failedStarts = lastedMs >= LASTED_MS ? 0 : this.#failedStarts + 1;
    const index = Math.min(this.#failedStarts, RESTART_AFTER_MS.length - 1);
    const { clock, log, number } = this.#options;
    await clock.sleep(RESTART_AFTER_MS[index]!, this.#closing.signal);
    if (this.#closing.signal.aborted) return;
    await this.open().catch((error: unknown) =>
      log.error({ process: number, err: error }, 'a process with calls could not be started'),
    );
  }
}
