import { Histogram, type Registry } from 'prom-client';
import type { Topic } from '../../events/topic.ts';
import type { LiveTranscriptChanges } from '../../records/live-transcripts.ts';
import type { TurnTiming } from '../../records/reconstructed-call.ts';

const STEPS = ['pause', 'text', 'decided', 'token', 'audio', 'sent', 'heard'] as const;
const BUCKETS_S = [0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10];

interface LatestTurn {
  readonly turn: number;
  readonly timing: TurnTiming;
}

/** The times of the steps of replies, from the timings that the desk shows. Each reply counts once, when its timing is final. */
export class TurnTimes {
  readonly #histogram: Histogram<'step'>;
  readonly #latest = new Map<string, LatestTurn>();

  /** `finalized`: calls whose turns do not change any more. */
  constructor(registry: Registry, changes: LiveTranscriptChanges, finalized: Topic<[callSid: string]>) {
    this.#histogram = new Histogram({
      name: 'offhook_turn_step_seconds',
      help: "Time from the end of a caller's words to each step of the reply that was heard.",
      labelNames: ['step'],
      buckets: BUCKETS_S,
      registers: [registry],
    });
    for (const step of STEPS) this.#histogram.zero({ step });
    changes.subscribe((callSid, { turns }) => {
      for (const { turn, timing } of turns)
        if (turn !== undefined && timing) this.#take(callSid, { turn, timing });
    });
    finalized.subscribe((callSid) => this.#count(callSid));
  }

  /** A timing may change until the next turn's arrives. */
  #take(callSid: string, latest: LatestTurn): void {
    if (this.#latest.get(callSid)?.turn !== latest.turn) this.#count(callSid);
    this.#latest.set(callSid, latest);
  }

  #count(callSid: string): void {
    const timing = this.#latest.get(callSid)?.timing;
    this.#latest.delete(callSid);
    for (const step of STEPS) {
      const ms = timing?.[`${step}Ms`];
      // A sum of times must not decrease.
      if (ms !== undefined) this.#histogram.observe({ step }, Math.max(0, ms) / 1_000);
    }
  }
}
