import {
  type RecordedSpeech,
  recordedSpeech,
  recordedSpeechOf,
} from '../../src/simulator/fixtures/recorded-speech.ts';
import type { LineSounds } from '../doubles/line-ambience.ts';
import { atLevel, breath, inTurn, knocks, lineNoise, louder, music } from './sounds.ts';
import { wordOf } from './words.ts';

/**
 * What is right. `ignore`: the reply goes on. `resume`: the reply is heard to its end; it may pause. `stop`: the caller is heard,
 * and the reply ends.
 */
export type Expected = 'ignore' | 'resume' | 'stop';

/** A sound over the assistant's reply. */
export interface Take {
  readonly kind: string;
  readonly take: number;
  readonly expected: Expected;
  /** On the caller's side, 8 kHz; undefined: only what `line` has. */
  readonly pcm?: Int16Array | undefined;
  /** The words in it; empty: none. */
  readonly text: string;
  /** From the first sound of the reply to the sound. */
  readonly atMs: number;
  readonly line: LineSounds;
}

interface Situation {
  readonly kind: string;
  readonly expected: Expected;
  readonly make: (take: number) => Partial<Pick<Take, 'pcm' | 'text' | 'line'>>;
}

/** Recordings have their voices at -20 dBFS. */
const VOICE_DBFS = -20;
const QUIET_LINE_DBFS = -60;
const ECHO_DB = -20;
const ECHO_DELAYS_MS = [40, 80, 120, 160, 200, 240, 280, 320, 360, 400];

/** Sentences; shorter recordings are words of assent. */
const callers = (): RecordedSpeech[] =>
  [...recordedSpeech().values()].filter(
    ({ speaker, text }) => speaker === 'caller' && text.split(' ').length >= 4,
  );
const question = (take: number): RecordedSpeech => callers()[(take * 3 + 4) % callers().length]!;
const echo = (take: number): LineSounds => ({
  echo: { db: ECHO_DB, afterMs: ECHO_DELAYS_MS[take % ECHO_DELAYS_MS.length]! },
});
const word =
  (...names: readonly string[]) =>
  (take: number): Partial<Take> => {
    const { text, pcm } = wordOf(names[Math.floor(take / 3) % names.length]!, take);
    return { text, pcm };
  };

export const SITUATIONS: readonly Situation[] = [
  {
    kind: 'echo of our own voice, -20 dB, 40-400 ms',
    expected: 'ignore',
    make: (take) => ({ line: echo(take), text: 'We are open all week.' }),
  },
  {
    kind: 'breath',
    expected: 'ignore',
    make: (take) => {
      const one = (seed: number) => breath(350 + 60 * (seed % 7), -40 + take, seed);
      return { pcm: inTurn(600, one(take + 1), one(take + 40), one(take + 80)) };
    },
  },
  {
    kind: 'line noise, -50 to -23 dBFS',
    expected: 'ignore',
    make: (take) => ({ pcm: lineNoise(6_000, -50 + 3 * take, take + 1) }),
  },
  {
    kind: 'crackling line',
    expected: 'ignore',
    make: (take) => ({ pcm: lineNoise(6_000, -48 + 2 * take, take + 1, 12) }),
  },
  {
    kind: 'music on hold',
    expected: 'ignore',
    make: (take) => ({ pcm: music(6_000, -35 + 1.5 * take, take + 1) }),
  },
  {
    kind: 'second voice, -15 dB',
    expected: 'ignore',
    make: (take) => {
      const [one, other] = [callers()[take + 1]!, callers()[take + 12]!];
      return { pcm: louder(inTurn(300, one.pcm, other.pcm), -15), text: one.text };
    },
  },
  {
    kind: 'knocks',
    expected: 'ignore',
    make: (take) => ({ pcm: knocks(2 + (take % 4), -24 + take, take + 1) }),
  },
  {
    kind: 'cough',
    expected: 'resume',
    make: (take) => {
      const cough = louder(recordedSpeechOf('cough').pcm, -6 + take);
      return { pcm: inTurn(250, ...Array.from({ length: 1 + (take % 3) }, () => cough)) };
    },
  },
  { kind: '"uh huh", "hmm"', expected: 'resume', make: word('uh-huh', 'hm') },
  { kind: '"okay", "yes"', expected: 'resume', make: word('okay', 'yes') },
  { kind: '"right", "I see"', expected: 'resume', make: word('right', 'i-see') },
  {
    kind: '"okay, yes, I see"',
    expected: 'resume',
    make: (take) => {
      const words = ['okay', 'yes', 'i-see'].map((name) => wordOf(name, take).pcm);
      return { pcm: inTurn(60, ...words), text: 'Okay, yes, I see.' };
    },
  },
  { kind: '"wait", "hold on"', expected: 'stop', make: word('wait', 'hold-on') },
  { kind: '"no"', expected: 'stop', make: word('no') },
  { kind: '"stop"', expected: 'stop', make: word('stop') },
  {
    kind: 'question',
    expected: 'stop',
    make: (take) => ({ pcm: question(take).pcm, text: question(take).text }),
  },
  {
    kind: 'question over our echo',
    expected: 'stop',
    make: (take) => ({ pcm: question(take).pcm, text: question(take).text, line: echo(take) }),
  },
  {
    kind: 'question, 8 dB quieter',
    expected: 'stop',
    make: (take) => ({ pcm: atLevel(question(take).pcm, VOICE_DBFS - 8), text: question(take).text }),
  },
];

/** Every sentence of a caller, over a reply on a quiet line. */
export function sentences(): Take[] {
  return callers().map(({ text, pcm }, take) => {
    const line = { noiseDbfs: QUIET_LINE_DBFS, seed: take + 1 };
    return { kind: 'sentence', take, expected: 'stop', text, pcm, atMs: 1_100 + 370 * (take % 10), line };
  });
}

/** The takes of every kind, the same each time. Sounds begin at different places of the reply. */
export function takesOf({ kind, expected, make }: Situation, count: number): Take[] {
  return Array.from({ length: count }, (_, take) => {
    const { pcm, text = '', line } = make(take);
    const sounds = { noiseDbfs: QUIET_LINE_DBFS, seed: take + 1, ...line };
    return { kind, take, expected, pcm, text, atMs: 1_100 + 370 * take, line: sounds };
  });
}
