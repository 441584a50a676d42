import { Counter, Registry } from 'prom-client';
import type { NewCallGate, NotReady } from '../../api/readiness-router.ts';
import type { RingResult } from '../../call/call-registry-options.ts';
import type { Log } from '../../log.ts';
import type { Settings } from '../../settings/settings.ts';
import type { MetricValues } from '../metrics/process-metrics.ts';
import { addGauge } from '../metrics/read-on-request.ts';
import { type Load, Overload } from './overload.ts';

const REASONS: readonly NotReady[] = ['draining', 'stopping', 'full', 'overloaded'];
/** What the caller hears. */
const ANSWERS = {
  draining: 'closing',
  stopping: 'closing',
  full: 'busy',
  overloaded: 'busy',
} as const satisfies Record<NotReady, RingResult>;
/** The calls in progress of all processes. */
interface AllLoad {
  readonly active: number;
  readonly health: readonly { readonly figures: Load }[];
}

/** Whether this server accepts new calls, and if not, why. Calls in progress always continue. */
export class NewCalls implements NewCallGate {
  readonly #maxCalls: number;
  readonly #calls: () => AllLoad;
  readonly #log: Log;
  readonly #overload: Overload;
  readonly #registry = new Registry();
  readonly #refused: Counter<'reason'>;
  #mode: 'accepting' | 'draining' | 'stopping' = 'accepting';

  /** `calls`: those that exist when it is asked for them. */
  constructor(
    { maxCalls, overloadDelayMs }: Pick<Settings['limits'], 'maxCalls' | 'overloadDelayMs'>,
    calls: () => AllLoad,
    log: Log,
  ) {
    this.#maxCalls = maxCalls;
    this.#calls = calls;
    this.#log = log;
    this.#overload = new Overload(overloadDelayMs, log);
    const registers = [this.#registry];
    this.#refused = new Counter({
      name: 'offhook_calls_refused_total',
      help: 'New calls that heard a busy or closing message.',
      labelNames: ['reason'],
      registers,
    });
    for (const reason of REASONS) this.#refused.inc({ reason }, 0);
    addGauge(this.#registry, 'offhook_ready', '1 while new calls are accepted, as GET /ready.', () =>
      Number(this.notReady === undefined),
    );
  }

  get activeCalls(): number {
    return this.#calls().active;
  }

  get isDraining(): boolean {
    return this.#mode !== 'accepting';
  }

  get notReady(): NotReady | undefined {
    if (this.#mode !== 'accepting') return this.#mode;
    if (this.#overload.isOverloaded) return 'overloaded';
    return this.#maxCalls > 0 && this.activeCalls >= this.#maxCalls ? 'full' : undefined;
  }

  /** What fails, as sentences. A server that drains or is full does what it should. */
  get problems(): readonly string[] {
    return this.notReady === 'overloaded'
      ? ['overloaded: new calls hear the busy message (OVERLOAD_DELAY_MS)']
      : [];
  }

  /** Call it several times a second. */
  tick(atMs: number): void {
    this.#overload.tick(atMs, () => {
      const figures = this.#calls().health.map((each) => each.figures);
      return {
        eventLoopDelayMs: Math.max(...figures.map(({ eventLoopDelayMs }) => eventLoopDelayMs)),
        journalWriteLagMs: Math.max(...figures.map(({ journalWriteLagMs }) => journalWriteLagMs)),
      };
    });
  }

  /** The server stops: draining does not end any more. */
  stop(): void {
    this.#mode = 'stopping';
  }

  drain(isDraining: boolean): boolean {
    if (this.#mode === 'stopping') return false;
    if (isDraining !== this.isDraining)
      this.#log.info(
        { activeCalls: this.activeCalls },
        isDraining ? 'draining: no new calls, live ones continue' : 'draining ended: new calls are accepted',
      );
    this.#mode = isDraining ? 'draining' : 'accepting';
    return true;
  }

  /** A new call is about to begin. Why it is refused; undefined if it is accepted. */
  refusal(): 'busy' | 'closing' | undefined {
    const reason = this.notReady;
    if (reason === undefined) return undefined;
    this.#refused.inc({ reason });
    return ANSWERS[reason];
  }

  metrics(): Promise<MetricValues> {
    return this.#registry.getMetricsAsJSON();
  }
}
