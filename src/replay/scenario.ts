import { readFileSync, readdirSync } from 'node:fs';
import type { DelayOptions } from './network-delay.ts';
import { isRecord } from './json-object.ts';
import { recordedSpeechOf } from './recorded-speech.ts';

/** When a step is done: see fixtures/services/README.md. */
export type When =
  | { readonly atMs: number }
  | { readonly afterAssistantQuietMs: number }
  | { readonly assistantHeardMs: number }
  | { readonly afterPreviousMs: number }
  | { readonly afterPreviousStartMs: number };

/** A step as it stands in a file: speech by the name of its recording. */
export type ScenarioStep =
  | { readonly do: 'speak'; readonly audio: string; readonly when: When }
  | { readonly do: 'press'; readonly digit: string; readonly when: When }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'hangUp' | 'breakStream'; readonly when: When };

export interface Scenario {
  readonly name: string;
  readonly about: string;
  readonly from: string;
  readonly to: string;
  readonly line: {
    readonly noiseDbfs?: number;
    readonly echo?: { readonly db: number; readonly afterMs: number };
  };
  readonly media: {
    readonly firstTimestampMs?: number;
    readonly sendSilence?: boolean;
    readonly chunkBytes?: readonly number[];
    readonly lost?: readonly { readonly fromMs: number; readonly toMs: number }[];
    readonly loseEvery?: number;
    readonly duplicateEvery?: number;
    readonly swapEvery?: number;
  };
  readonly network: { readonly up?: DelayOptions; readonly down?: DelayOptions };
  readonly steps: readonly ScenarioStep[];
  readonly answers: {
    readonly transcriptions: Readonly<Record<string, string>>;
    readonly replies: readonly { readonly to: string; readonly reply: string }[];
    readonly summary: string;
  };
}

const FOLDER = new URL('../../fixtures/services/', import.meta.url);
const WHENS = [
  'atMs',
  'afterAssistantQuietMs',
  'assistantHeardMs',
  'afterPreviousMs',
  'afterPreviousStartMs',
];

/** The scripted call of that name in fixtures/services; throws a sentence that names what is wrong in it. */
export function readScenario(name: string): Scenario {
  return checkScenario(JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')), name);
}

export function readAllScenarios(): Scenario[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => readScenario(file.slice(0, -'.json'.length)));
}

export function checkScenario(value: unknown, name: string): Scenario {
  const wrong = (what: string) => new Error(`scripted call ${name}: ${what}`);
  if (!isRecord(value) || value['scenario'] !== 'offhook-call' || value['version'] !== 1) {
    throw wrong('wants "scenario": "offhook-call" and "version": 1');
  }
  for (const field of ['about', 'from', 'to']) {
    if (typeof value[field] !== 'string') throw wrong(`${field} is missing`);
  }
  const { steps, answers } = value;
  if (!Array.isArray(steps)) throw wrong('steps is not a list');
  steps.forEach((step: unknown, i) => {
    const trouble = stepTrouble(step);
    if (trouble) throw wrong(`step ${String(i + 1)}: ${trouble}`);
  });
  if (!isRecord(answers) || !Array.isArray(answers['replies']) || typeof answers['summary'] !== 'string') {
    throw wrong('answers wants replies and a summary');
  }
  const replies = answers['replies'] as unknown[];
  if (!replies.every((r) => isRecord(r) && typeof r['to'] === 'string' && typeof r['reply'] === 'string')) {
    throw wrong('every reply wants "to" and "reply"');
  }
  // What was not looked at above is optional, and is checked where it is used.
  const { line = {}, media = {}, network = {}, ...rest } = value;
  return {
    ...rest,
    name,
    line,
    media,
    network,
    answers: { transcriptions: {}, ...answers },
  } as unknown as Scenario;
}

function stepTrouble(step: unknown): string | undefined {
  if (!isRecord(step)) return 'is not an object';
  const { do: what, when } = step;
  if (what === 'wait') return isTime(step['ms']) ? undefined : 'wait wants ms';
  if (what !== 'speak' && what !== 'press' && what !== 'hangUp' && what !== 'breakStream') {
    return `cannot do ${String(what)}`;
  }
  if (what === 'press' && !/^[0-9*#A-D]$/.test(String(step['digit']))) return 'press wants a digit';
  if (what === 'speak') recordedSpeechOf(String(step['audio']));
  const [kind, ...more] = isRecord(when) ? Object.entries(when) : [];
  if (!kind || more.length > 0 || !WHENS.includes(kind[0]) || !isTime(kind[1])) {
    return `when wants one of ${WHENS.join(', ')} with milliseconds`;
  }
  return undefined;
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
