import { recordedSpeechOf } from '../fixtures/recorded-speech.ts';
import type { ScenarioStep, When } from '../fixtures/scenario.ts';
import { BYTES_PER_MS } from './mulaw-track.ts';
import type { Playout } from './playout-queue.ts';

/** A step of a scripted caller; speech is μ-law. */
export type CallerStep =
  | { readonly do: 'speak'; readonly audio: Uint8Array; readonly when: When; readonly text?: string }
  | { readonly do: 'press'; readonly digit: string; readonly when: When }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'hangUp' | 'breakStream'; readonly when: When };

/** The caller's next action. */
export type CallerAct = Exclude<CallerStep, { readonly do: 'wait' }>;

/** Decides what the caller of a simulated phone does. */
export interface Director {
  /** The actions due at stream time `nowMs`; called repeatedly with increasing times. */
  due(playout: Playout, nowMs: number): readonly CallerAct[];
  /** A new stream has begun: its time starts at 0. */
  newStream(): void;
}

/** A caller who waits for an assistant that never speaks continues after this time. */
const PATIENCE_MS = 20_000;

/** Runs a script: one step after the other, each at its time. */
export class CallerDirector implements Director {
  readonly #steps: CallerStep[];
  #previousStartMs = 0;
  #previousEndMs = 0;

  constructor(steps: readonly CallerStep[]) {
    this.#steps = [...steps];
  }

  get done(): boolean {
    return this.#steps.length === 0;
  }

  newStream(): void {
    this.#previousStartMs = 0;
    this.#previousEndMs = 0;
  }

  due(playout: Playout, nowMs: number): CallerAct[] {
    const acts: CallerAct[] = [];
    for (let step = this.#steps[0]; step; step = this.#steps[0]) {
      if (step.do === 'wait') {
        this.#previousStartMs = this.#previousEndMs;
        this.#previousEndMs += step.ms;
      } else {
        if (this.#dueMs(step.when, playout, nowMs) > nowMs) break;
        acts.push(step);
        this.#previousStartMs = nowMs;
        this.#previousEndMs = nowMs + (step.do === 'speak' ? step.audio.length / BYTES_PER_MS : 0);
      }
      this.#steps.shift();
    }
    return acts;
  }

  #dueMs(when: When, playout: Playout, nowMs: number): number {
    if ('atMs' in when) return when.atMs;
    if ('afterPreviousMs' in when) return this.#previousEndMs + when.afterPreviousMs;
    if ('afterPreviousStartMs' in when) return this.#previousStartMs + when.afterPreviousStartMs;
    const heardMs = playout.firstHeardMs(this.#previousEndMs);
    if ('assistantHeardMs' in when) return heardMs === undefined ? Infinity : heardMs + when.assistantHeardMs;
    const quietMs = playout.quietSinceMs(nowMs);
    const lost = this.#previousEndMs + PATIENCE_MS;
    if (heardMs === undefined) return lost;
    return quietMs === undefined ? Infinity : Math.max(quietMs, heardMs) + when.afterAssistantQuietMs;
  }
}

/** The steps of a scripted call with their recordings loaded. */
export function callerStepsOf(steps: readonly ScenarioStep[]): CallerStep[] {
  return steps.map((step) => {
    if (step.do !== 'speak') return step;
    const { mulaw, text } = recordedSpeechOf(step.audio);
    return { do: 'speak', audio: mulaw, text, when: step.when };
  });
}
