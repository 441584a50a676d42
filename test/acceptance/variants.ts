import type { AudioFormat } from '../../src/audio/formats/formats.ts';
import { readScenario, type Scenario, type ScenarioStep } from '../../src/simulator/fixtures/scenario.ts';
import type { DelayOptions } from '../../src/simulator/phone/network-delay.ts';

/** One call under one kind of trouble. */
export interface Variant {
  readonly name: string;
  readonly scenario: Scenario;
  readonly up?: DelayOptions;
  readonly down?: DelayOptions;
  /** Mono recordings are judged by their length alone. */
  readonly channels: 'stereo' | 'mono';
  readonly format: AudioFormat;
  /** How far a piece of the assistant may lie from where it was heard. One frame; two with delay on the line. */
  readonly boundMs: number;
  /** How often the first reply goes on after words of assent (default 0). */
  readonly resumes?: number;
}

const WITHOUT_DELAY_MS = 20;
const WITH_DELAY_MS = 40;

/** This sentence's voice stalls in the middle: its audio runs out at Twilio. */
export const STALLING = {
  scenario: 'conversation',
  part: 'four seven one one is for two hundred',
  afterPieces: 14,
  ms: 2_300,
};

const long = readScenario('long');
const conversation = readScenario(STALLING.scenario);
const bargeIn = readScenario('barge-in');

type Change = (scenario: Scenario) => Scenario;
const quiet: Change = (scenario) => ({
  ...scenario,
  line: {},
  media: { ...scenario.media, sendSilence: false },
});
const media =
  (options: Scenario['media']): Change =>
  (scenario) => ({ ...scenario, media: { ...scenario.media, ...options } });

/** The stream is torn off while the assistant speaks, and the call goes on in a new one. */
function broken(scenario: Scenario, afterStep: number, when: ScenarioStep & { do: 'breakStream' }): Scenario {
  const { steps } = scenario;
  return { ...scenario, steps: [...steps.slice(0, afterStep), when, ...steps.slice(afterStep)] };
}

const ASIDES = ['caller-okay-i-see', 'caller-yes-i-understand'] as const;

/** Words of assent interrupt the first reply so many times, each 2.5 s after it was heard again; `end`: what follows. */
function resumed(scenario: Scenario, times: 1 | 2, end: 'heard out' | 'interrupted'): Scenario {
  const [question, interruption, ...rest] = scenario.steps;
  const when = { assistantHeardMs: 2_500 };
  const asides = ASIDES.slice(0, times).map((audio) => ({ do: 'speak', audio, when }) as const);
  const last = end === 'interrupted' ? [{ ...interruption!, when } as ScenarioStep] : [];
  return { ...scenario, name: `${scenario.name}, resumed`, steps: [question!, ...asides, ...last, ...rest] };
}

function ms(fixedMs: number, jitterMs = 0, seed = 1): DelayOptions {
  return { fixedMs, jitterMs, seed };
}

const stereo = { channels: 'stereo', format: 'wav', boundMs: WITH_DELAY_MS } as const;
const direct = { channels: 'stereo', format: 'wav', boundMs: WITHOUT_DELAY_MS } as const;

export const VARIANTS: readonly Variant[] = [
  { name: 'no delay', scenario: long, ...direct },
  { name: '20 ms up, 120 ms down', scenario: long, up: ms(20), down: ms(120), ...stereo, format: 'flac' },
  { name: '120 ms up, 20 ms down', scenario: long, up: ms(120), down: ms(20), ...stereo },
  {
    ...{ name: '60 ms jitter both ways', scenario: long, up: ms(30, 60, 2), down: ms(30, 60, 3) },
    ...{ ...stereo, format: 'flac' },
  },
  { name: 'no media during silence', scenario: quiet(long), ...direct },
  {
    name: 'no media during silence, 20/120 ms',
    scenario: quiet(bargeIn),
    up: ms(20),
    down: ms(120),
    ...stereo,
  },
  { name: 'underrun inside a sentence', scenario: conversation, ...direct },
  {
    ...{ name: 'underrun, 120/20 ms and jitter', scenario: conversation },
    ...{ up: ms(120, 30, 4), down: ms(20, 30, 5), ...stereo },
  },
  {
    name: 'frames repeated and swapped, 120/20 ms',
    scenario: media({ duplicateEvery: 7, swapEvery: 11, firstTimestampMs: 13 })(bargeIn),
    ...{ up: ms(120), down: ms(20), ...stereo },
  },
  {
    name: 'odd sizes of frames',
    scenario: media({ chunkBytes: [160, 37, 159, 8, 160, 75, 101] })(bargeIn),
    ...direct,
  },
  {
    name: 'a stream that breaks',
    scenario: broken(conversation, 1, { do: 'breakStream', when: { assistantHeardMs: 2_500 } }),
    ...direct,
  },
  {
    name: 'a stream that breaks, 20/120 ms',
    scenario: broken(bargeIn, 1, { do: 'breakStream', when: { assistantHeardMs: 2_500 } }),
    ...{ up: ms(20), down: ms(120), ...stereo },
  },
  { name: 'a reply that was resumed', resumes: 1, scenario: resumed(bargeIn, 1, 'heard out'), ...direct },
  {
    name: 'a reply that was resumed twice',
    resumes: 2,
    scenario: resumed(bargeIn, 2, 'heard out'),
    ...direct,
  },
  {
    name: 'a reply that was resumed, then interrupted',
    resumes: 1,
    scenario: resumed(bargeIn, 1, 'interrupted'),
    ...direct,
  },
  {
    name: 'a reply that was resumed twice, then interrupted, 20/120 ms',
    resumes: 2,
    scenario: resumed(bargeIn, 2, 'interrupted'),
    ...{ up: ms(20), down: ms(120), ...stereo },
  },
  {
    name: 'a reply that was resumed twice, 120/20 ms',
    resumes: 2,
    scenario: resumed(bargeIn, 2, 'heard out'),
    ...{ up: ms(120), down: ms(20), ...stereo },
  },
  {
    name: 'mono MP3',
    scenario: bargeIn,
    up: ms(60),
    down: ms(60),
    ...stereo,
    channels: 'mono',
    format: 'mp3',
  },
  {
    name: 'mono Ogg',
    scenario: conversation,
    up: ms(60),
    down: ms(60),
    ...stereo,
    channels: 'mono',
    format: 'ogg',
  },
];
