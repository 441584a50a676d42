import { encodeMulaw } from '../../audio/mulaw.ts';
import { sine } from '../../audio/tone.ts';
import { type AnswererContext, PassiveAnswerer } from './answerer.ts';

/** The ringing tone of most countries: ITU-T E.180, 425 Hz, one second of tone, four seconds of silence. */
const TONE = { hz: 425, ms: 1_000, dbfs: -20 } as const;
const PAUSE_MS = 4_000;

/** Rings the operators before the assistant answers. */
export interface OperatorRing {
  readonly ringMs: number;
  /** True while an operator is at the desk. */
  hasAvailableOperator(): boolean;
}

/** Plays the ringing tone until an operator takes over or the time is up. */
export class Ringing extends PassiveAnswerer {
  readonly state = 'ringing';
  readonly #context: AnswererContext;
  readonly #ring: OperatorRing;
  readonly #timedOut: (atMs: number) => void;
  #sinceMs: number | undefined;
  #nextToneAtMs = 0;

  /** `timedOut` is called once no operator has answered in time, or none is at the desk any more. */
  constructor(context: AnswererContext, ring: OperatorRing, timedOut: (atMs: number) => void) {
    super();
    this.#context = context;
    this.#ring = ring;
    this.#timedOut = timedOut;
  }

  override begin(atMs: number): void {
    this.#sinceMs = atMs;
    this.#nextToneAtMs = atMs;
    this.tick(atMs);
  }

  override tick(atMs: number): void {
    if (this.#sinceMs === undefined) return;
    if (atMs - this.#sinceMs >= this.#ring.ringMs || !this.#ring.hasAvailableOperator()) {
      this.#timedOut(atMs);
      return;
    }
    if (atMs < this.#nextToneAtMs) return;
    this.#nextToneAtMs = atMs + TONE.ms + PAUSE_MS;
    const mulaw = encodeMulaw(sine(TONE.hz, TONE.ms, TONE.dbfs));
    this.#context.output.sayWhole({ text: '', mulaw, role: 'tone' }, atMs);
  }

  override resume(atMs: number): void {
    this.begin(atMs);
  }
}
