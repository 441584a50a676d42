import { encodeMulaw } from '../../audio/mulaw.ts';
import { sine } from '../../audio/tone.ts';
import type { Answerer, AnswererContext } from './answerer.ts';

/** Ringing tone as most of the world knows it: ITU-T E.180, 425 Hz, one second, then four of silence. */
const TONE = { hz: 425, ms: 1_000, dbfs: -20 } as const;
const PAUSE_MS = 4_000;

/** The caller hears it ring at the desk; when nobody has answered in time, somebody else does. */
export class Ringing implements Answerer {
  readonly state = 'ringing';
  readonly #stage: AnswererContext;
  readonly #ringMs: number;
  readonly #isManned: () => boolean;
  readonly #givenUp: (atMs: number) => void;
  #sinceMs: number | undefined;
  #nextToneAtMs = 0;

  constructor(parts: {
    stage: AnswererContext;
    ringMs: number;
    /** Whether anybody is at the desk. */
    isManned: () => boolean;
    /** Nobody answered: what had been said is gone, and it is somebody else's turn. */
    givenUp: (atMs: number) => void;
  }) {
    this.#stage = parts.stage;
    this.#ringMs = parts.ringMs;
    this.#isManned = parts.isManned;
    this.#givenUp = parts.givenUp;
  }

  begin(atMs: number): void {
    this.#sinceMs = atMs;
    this.#nextToneAtMs = atMs;
    this.tick(atMs);
  }

  callerStarted(): void {
    // Nobody is there yet.
  }

  callerInsisted(): void {
    // As above.
  }

  callerDismissed(): void {
    // Nothing was said.
  }

  utterance(): void {
    // It stands in the record; whoever answers asks again.
  }

  textCame(): void {
    // As above.
  }

  key(): void {
    // As above.
  }

  tick(atMs: number): void {
    if (this.#sinceMs === undefined) return;
    if (atMs - this.#sinceMs >= this.#ringMs || !this.#isManned()) {
      this.#givenUp(atMs);
      return;
    }
    if (atMs < this.#nextToneAtMs) return;
    this.#nextToneAtMs = atMs + TONE.ms + PAUSE_MS;
    const mulaw = encodeMulaw(sine(TONE.hz, TONE.ms, TONE.dbfs));
    this.#stage.mouth.sayWhole({ text: '', mulaw, role: 'tone' }, atMs);
  }

  stop(): void {
    // The tone goes with the line.
  }

  resume(atMs: number): void {
    this.begin(atMs);
  }
}
