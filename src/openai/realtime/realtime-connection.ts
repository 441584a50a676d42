import type { ServiceError } from '../../call/ports.ts';
import type { ServiceSettings } from '../../settings/settings.ts';
import type { Timer } from '../server/timers.ts';
import type { IgnoredMessages } from './ignored-messages.ts';
import type { RealtimeFailures } from './realtime-failure.ts';
import { RealtimeSocket } from './realtime-socket.ts';

/**
 * A session ends after 60 minutes (https://developers.openai.com/api/docs/guides/realtime-conversations); nothing is begun in the
 * last five.
 */
const RENEW_AFTER_MS = 55 * 60_000;
/** An idle connection is closed after this time. Longer than the usual time between two checks of the services. */
const IDLE_MS = 6 * 60_000;
const PING_EVERY_MS = 15_000;
/** A connection with this many unusable messages since the last useful response is closed. */
const MAX_UNUSABLE = 1_000;

/** How a connection waits. */
export interface ConnectionTiming {
  readonly timer: Timer;
  /** Monotonic milliseconds. */
  now(): number;
  /** The longest time until the session is configured, and of a voice without audio for the caller. */
  readonly dueMs: number;
}

export interface ConnectionListener {
  message(text: string): void;
  /** The connection is over, or was never opened. `wasReady`: its session had been configured. Called once. */
  closed(error: ServiceError, wasReady: boolean): void;
}

export interface ConnectionOptions {
  readonly settings: ServiceSettings;
  /** What the session is for, in the address: `model`, or `intent`. */
  readonly search: Readonly<Record<string, string>>;
  /** `session.update`, the first message. */
  readonly configuration: string;
  readonly failures: RealtimeFailures;
  readonly ignored: IgnoredMessages;
  readonly timing: ConnectionTiming;
  readonly listener: ConnectionListener;
}

/** A connection to a Realtime server and its session, whatever that is for. Opens at once. */
export class RealtimeConnection {
  readonly #options: ConnectionOptions;
  readonly #socket: RealtimeSocket;
  readonly #openedAtMs: number;
  #state: 'opening' | 'ready' | 'closed' = 'opening';
  #unusable = 0;
  /** Of the opening, later of the pings. */
  #cancelTimer: () => void;
  #cancelIdle = (): void => {};

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { settings, search, configuration, failures, timing, listener } = options;
    this.#openedAtMs = timing.now();
    const late = (): void => this.end(failures.late('the session does not begin'));
    this.#cancelTimer = timing.timer(timing.dueMs, late);
    this.#socket = new RealtimeSocket(settings, search, failures, {
      opened: () => this.#socket.send(configuration),
      message: (text) => listener.message(text),
      binary: () => this.ignore('a binary message'),
      closed: (error) => this.#closed(error),
    });
  }

  get state(): 'opening' | 'ready' | 'closed' {
    return this.#state;
  }

  /** True while something new may be begun. */
  get isFresh(): boolean {
    return this.#state !== 'closed' && this.#options.timing.now() - this.#openedAtMs < RENEW_AFTER_MS;
  }

  /** The server has confirmed the configuration. */
  configured(): void {
    if (this.#state !== 'opening') return;
    this.#state = 'ready';
    this.#cancelTimer();
    this.#pingLater();
  }

  send(message: string): void {
    this.#socket.send(message);
  }

  /** Something is in progress: the connection keeps the process alive. */
  busy(): void {
    this.#cancelIdle();
    this.#socket.keepProcess(true);
  }

  /** Nothing is in progress. */
  idle(): void {
    this.#socket.keepProcess(false);
    this.#cancelIdle();
    this.#cancelIdle = this.#options.timing.timer(IDLE_MS, () => this.finish());
  }

  /** The server sent something useful. */
  useful(): void {
    this.#unusable = 0;
  }

  /** Counts a message that cannot be used. */
  ignore(reason: string): void {
    this.#options.ignored.add(reason);
    this.#unusable += 1;
    if (this.#unusable > MAX_UNUSABLE) this.end(this.#options.failures.of('its messages cannot be used'));
  }

  /** Closes the connection; it is not needed any more. */
  finish(): void {
    this.end(this.#options.failures.of('the session is over'));
  }

  /** Closes the connection; `closed` is called with `error`. */
  end(error: ServiceError): void {
    this.#socket.end(error);
  }

  #pingLater(): void {
    const { timing, failures } = this.#options;
    this.#cancelTimer = timing.timer(PING_EVERY_MS, () => {
      if (this.#socket.ping()) this.#pingLater();
      else this.end(failures.late('the connection is dead'));
    });
  }

  #closed(error: ServiceError): void {
    if (this.#state === 'closed') return;
    const wasReady = this.#state === 'ready';
    this.#state = 'closed';
    this.#cancelTimer();
    this.#cancelIdle();
    this.#options.listener.closed(error, wasReady);
  }
}
