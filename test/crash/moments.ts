import type { CallProgress } from '../../src/simulator/call-report.ts';
import { recordedSpeechOf } from '../../src/simulator/fixtures/recorded-speech.ts';
import { readScenario, type Scenario, type ScenarioStep } from '../../src/simulator/fixtures/scenario.ts';

/** A moment of a call at which its server is killed. */
export interface Moment {
  readonly name: string;
  readonly scenario: Scenario;
  readonly settings?: Readonly<Record<string, string>>;
  /** How long after the event that begins it; undefined: this is not that event. `nth`: how often this kind came. */
  readonly afterMs: (progress: CallProgress, nth: number) => number | undefined;
  /** Killed when its recording begins to be written instead. */
  readonly whenEncoding?: boolean;
}

const FIRST = 'caller-i-would-like-to-ask';
const END_OF_TURN_MS = 700;
const firstMs = recordedSpeechOf(FIRST).mulaw.length / 8;

const talk = (...steps: ScenarioStep[]): Scenario => ({
  ...readScenario('conversation'),
  steps: [{ do: 'speak', audio: FIRST, when: { afterAssistantQuietMs: 1_300 } }, ...steps],
});
const conversation = readScenario('conversation');
const hangingUp = talk({ do: 'hangUp', when: { afterAssistantQuietMs: 600 } });
const breaking = talk({ do: 'breakStream', when: { assistantHeardMs: 900 } });

const playing =
  (wanted: boolean, count: number, ms: number): Moment['afterMs'] =>
  (progress, nth) => {
    // Beginning and ceasing to be heard alternate: the nth beginning is event 2n - 1.
    const which = wanted ? 2 * count - 1 : 2 * count;
    return progress.kind === 'assistant' && progress.playing === wanted && nth === which ? ms : undefined;
  };
const acting =
  (what: RegExp, count: number, ms: number): Moment['afterMs'] =>
  (progress, nth) =>
    progress.kind === 'caller' && what.test(progress.what) && nth === count ? ms : undefined;
const asking =
  (webhook: string): Moment['afterMs'] =>
  (progress) =>
    progress.kind === 'webhook' && progress.path.endsWith(webhook) ? 0 : undefined;

/** Ten moments from ringing to the writing of the files. */
export const MOMENTS: readonly Moment[] = [
  { name: 'ringing', scenario: conversation, afterMs: asking('/incoming-call') },
  { name: 'greeting', scenario: conversation, afterMs: playing(true, 1, 600) },
  { name: 'listening', scenario: conversation, afterMs: playing(false, 1, 700) },
  { name: 'mid-utterance', scenario: conversation, afterMs: acting(/^says/, 1, 900) },
  { name: 'thinking', scenario: conversation, afterMs: acting(/^says/, 1, firstMs + END_OF_TURN_MS + 400) },
  { name: 'speaking', scenario: conversation, afterMs: playing(true, 2, 900) },
  { name: 'barge-in', scenario: readScenario('barge-in'), afterMs: acting(/^says/, 2, 450) },
  { name: 'right after hang-up', scenario: hangingUp, afterMs: acting(/^hangUp/, 2, 15) },
  {
    name: 'while encoding',
    scenario: hangingUp,
    settings: { DEFAULT_AUDIO_FORMAT: 'mp3', MP3_ENCODER: 'lamejs' },
    afterMs: () => undefined,
    whenEncoding: true,
  },
  { name: 'between streams', scenario: breaking, afterMs: asking('/continued') },
];
