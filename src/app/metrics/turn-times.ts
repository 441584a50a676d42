import { Histogram, type Registry } from 'prom-client';
import type { Topic } from '../../events/topic.ts';
import type { LiveTranscriptChanges } from '../../records/live-transcripts.ts';
import type { TurnTiming } from '../../records/reconstructed-call.ts';

const STEPS = ['pause', 'text', 'decided', 'token', 'audio', 'sent', 'heard'] as const;
/** The parts of a turn: from one step to another. */
const PARTS = {
  transcription: ['pauseMs', 'textMs'],
  reply: ['textMs', 'tokenMs'],
  speech: ['tokenMs', 'audioMs'],
  playback: ['audioMs', 'heardMs'],
} as const satisfies Readonly<Record<string, readonly [keyof TurnTiming, keyof TurnTiming]>>;
const PART_NAMES = Object.keys(PARTS) as readonly (keyof typeof PARTS)[];
const PART_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10];
const BUCKETS_S = [0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10];

interface LatestTurn {
  readonly turn: number;
  readonly timing: TurnTiming;
}

/** The times of the steps of replies, from the timings that the desk shows. Each reply counts once, when its timing is final. */
export class TurnTimes {
  readonly #histogram: Histogram<'step'>;
  readonly #parts: Histogram<'part'>;
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
    this.#parts = new Histogram({
      name: 'offhook_turn_part_seconds',
      help: 'Time from the request for the text to the text, from there to the first words of the reply, to its first audio, and until the caller heard it; 0 if the later one was there first.',
      labelNames: ['part'],
      buckets: PART_BUCKETS_S,
      registers: [registry],
    });
    for (const step of STEPS) this.#histogram.zero({ step });
    for (const part of PART_NAMES) this.#parts.zero({ part });
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
    for (const part of PART_NAMES) {
      const [from, to] = PARTS[part];
      const [fromMs, toMs] = [timing?.[from], timing?.[to]];
      if (fromMs !== undefined && toMs !== undefined)
        this.#parts.observe({ part }, Math.max(0, toMs - fromMs) / 1_000);
    }
  }
}
