import type { CallProgress } from '../../../src/simulator/call-report.ts';
import { readScenario, type Scenario, type ScenarioStep } from '../../../src/simulator/fixtures/scenario.ts';

/** A moment of a call in which its machine is lost. Each has an utterance of its own, so that calls cannot be taken for each other. */
export interface LossMoment {
  readonly name: string;
  /** Audio of the caller's first utterance. */
  readonly audio: string;
  readonly steps: readonly ScenarioStep[];
  /** When the call begins. It reaches the moment some 15 s after 0. */
  readonly startMs: number;
  /** What never answers while the machine is there, which makes the moment long. */
  readonly held?: Held;
  /** The machine is lost before it has heard the caller's first utterance. */
  readonly isUnheard?: boolean;
  /** The call has ended for the caller. */
  readonly isOver?: boolean;
  isNow(call: CallSoFar): boolean;
}

/** `upload`: of the recording. */
export type Held = 'transcription' | 'chat' | 'summary' | 'upload';

/** What has happened in a call. */
export class CallSoFar {
  /** A request of the call is held. */
  isHeld = false;
  readonly #events: { readonly what: string; readonly atMs: number }[] = [];

  note(progress: CallProgress): void {
    const what = whatOf(progress);
    if (what) this.#events.push({ what, atMs: performance.now() });
  }

  /** Milliseconds since the nth event of a kind; NaN if it has not come. */
  since(what: 'heard' | 'quiet' | 'says' | 'hangUp', nth = 1): number {
    const event = this.#events.filter((each) => each.what === what)[nth - 1];
    return event ? performance.now() - event.atMs : NaN;
  }

  /** What has happened, with the time since then in milliseconds. */
  toString(): string {
    const events = this.#events.map(({ what, atMs }) => `${what} ${Math.round(performance.now() - atMs)}`);
    return [...events, this.isHeld ? 'held' : 'not held'].join(', ');
  }
}

function whatOf(progress: CallProgress): string | undefined {
  if (progress.kind === 'assistant') return progress.playing ? 'heard' : 'quiet';
  if (progress.kind !== 'caller') return undefined;
  return progress.what.startsWith('says') ? 'says' : progress.what;
}

const asks = (audio: string, ...steps: ScenarioStep[]): Pick<LossMoment, 'audio' | 'steps'> => ({
  audio,
  steps: [{ do: 'speak', audio, when: { afterAssistantQuietMs: 600 } }, ...steps],
});
export const WAITS: ScenarioStep = { do: 'wait', ms: 60_000 };
const HANGS_UP: ScenarioStep = { do: 'hangUp', when: { afterAssistantQuietMs: 400 } };
const INTERRUPTS: ScenarioStep = {
  do: 'speak',
  audio: 'caller-sorry-i-only-need-saturday',
  when: { assistantHeardMs: 3_000 },
};

/** Whether so much time has passed since an event. */
const within = (sinceMs: number, fromMs: number, toMs: number): boolean =>
  sinceMs >= fromMs && sinceMs <= toMs;

export const LOSS_MOMENTS: readonly LossMoment[] = [
  {
    name: 'greeting',
    ...asks('caller-i-want-to-reserve-a', WAITS),
    startMs: 13_000,
    isUnheard: true,
    isNow: (call) => within(call.since('heard'), 500, 2_500),
  },
  {
    name: 'mid-utterance',
    ...asks('caller-i-would-like-to-ask', WAITS),
    startMs: 9_700,
    isUnheard: true,
    isNow: (call) => within(call.since('says'), 400, 2_200),
  },
  {
    name: 'before the text',
    ...asks('caller-my-name-is-peter-collins', WAITS),
    startMs: 6_500,
    held: 'transcription',
    isNow: (call) => call.isHeld,
  },
  {
    name: 'waiting for the reply',
    ...asks('caller-do-i-have-to-pay', WAITS),
    startMs: 7_000,
    held: 'chat',
    isNow: (call) => call.isHeld,
  },
  {
    name: 'beginning of the reply',
    ...asks('caller-what-do-you-serve-for', WAITS),
    startMs: 6_600,
    isNow: (call) => within(call.since('heard', 2), 100, 1_800),
  },
  {
    name: 'late in the reply',
    ...asks('caller-from-the-twelfth-of-march', WAITS),
    startMs: 0,
    isNow: (call) => within(call.since('heard', 2), 5_000, 11_000),
  },
  {
    name: 'barge-in',
    ...asks('caller-what-are-your-opening-hours', INTERRUPTS, WAITS),
    startMs: 4_000,
    isNow: (call) => within(call.since('says', 2), 200, 1_500),
  },
  {
    name: 'between turns',
    ...asks('caller-could-you-send-the-parcel', WAITS),
    startMs: 3_000,
    isNow: (call) => within(call.since('quiet', 2), 200, 5_000),
  },
  {
    name: 'files wait for the summary',
    ...asks('caller-hello-i-need-a-taxi', HANGS_UP),
    startMs: 1_500,
    held: 'summary',
    isOver: true,
    isNow: (call) => call.isHeld,
  },
  {
    name: 'mid-upload',
    ...asks('caller-i-would-like-to-check', HANGS_UP),
    startMs: 500,
    held: 'upload',
    isOver: true,
    isNow: (call) => call.isHeld,
  },
];

export function scenarioOf({ steps }: LossMoment): Scenario {
  return { ...readScenario('conversation'), steps };
}
