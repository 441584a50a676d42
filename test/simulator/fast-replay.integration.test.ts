import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadPrompts } from '../../src/app/load-prompts.ts';
import type { PromptBook } from '../../src/call/dialog/prompts.ts';
import type { CallEvent } from '../../src/events/call-events.ts';
import { reconstructCall } from '../../src/records/reconstruct-call.ts';
import { transcriptLines, transcriptOf } from '../../src/records/text/transcript.ts';
import { readSettings } from '../../src/settings/settings.ts';
import { fastReplay, type FastReplay } from '../../src/simulator/fast-replay.ts';
import { exportCall } from '../../src/simulator/fixtures/exported-call.ts';
import { type Fixture, readFixture, writeFixture } from '../../src/simulator/fixtures/fixture.ts';
import { readScenario, type ScenarioStep } from '../../src/simulator/fixtures/scenario.ts';
import { playVirtualCall } from '../../src/simulator/virtual-call.ts';
import { VirtualClock } from '../../src/simulator/virtual-clock.ts';
import { FakeOpenAiResponses } from '../doubles/fake-openai-responses.ts';
import { ListeningLine } from '../doubles/listening-line.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { scenarioSpeechToSpeech } from '../doubles/scenario-speech-to-speech.ts';
import { expectSameCall } from '../support/same-call.ts';
import { decodeSound } from '../support/npm-decoders.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/calls/', import.meta.url));
const PROMPTS = fileURLToPath(new URL('../../prompts', import.meta.url));
const RECORDING = { channels: 'stereo', sampleRateHz: 'auto', mp3Bitrate: 128, mp3Engine: 'wasm' } as const;
/** Its replays take as long as all others; it is replayed twice by the external tests. */
const LONG = 'long.jsonl';
const NAMES = readdirSync(FIXTURES).filter((name) => name.endsWith('.jsonl'));
let prompts: PromptBook;

beforeAll(async () => {
  prompts = (await loadPrompts(PROMPTS, PROMPTS, 'en')).book;
});

function fixtureOf(name: string): Fixture {
  return readFixture(readFileSync(path.join(FIXTURES, name), 'utf8'));
}

function replayed(fixture: Fixture, directory: string): Promise<FastReplay> {
  return fastReplay(fixture, { prompts, directory, recording: RECORDING });
}

/** The first replay of each recorded call. Tests read it and leave it as it is. */
const firstReplays = new Map<string, Promise<FirstReplay>>();

interface FirstReplay extends FastReplay {
  readonly directory: string;
}

function firstReplay(name: string): Promise<FirstReplay> {
  const known = firstReplays.get(name);
  if (known !== undefined) return known;
  const directory = folder();
  const replay = replayed(fixtureOf(name), directory).then((result) => ({ ...result, directory }));
  firstReplays.set(name, replay);
  return replay;
}

function folder(): string {
  return mkdtempSync(path.join(tmpdir(), 'offhook-replay-'));
}

describe('fast replay', () => {
  test('there are at least eleven recorded calls', () => {
    expect(NAMES.length).toBeGreaterThanOrEqual(11);
  });

  test.each(NAMES.filter((name) => name !== LONG))('%s has the same bytes each time', async (name) => {
    const { directory } = await firstReplay(name);
    const elsewhere = folder();
    await replayed(fixtureOf(name), elsewhere);
    expectSameCall(elsewhere, directory);
  });

  test.each(NAMES)(
    '%s has a recording as long as its stream, according to an independent decoder',
    async (name) => {
      const { files, events, directory } = await firstReplay(name);
      const lastFrame = events.findLast((event) => event.kind === 'caller');
      const endMs = lastFrame?.kind === 'caller' ? lastFrame.streamMs + lastFrame.samples / 8 : 0;
      const file = path.join(directory, files.json.audio!.file);
      const { sampleRateHz, channels } = await decodeSound(file);
      expect([path.extname(file), sampleRateHz, channels.length]).toEqual(['.mp3', 16_000, 2]);
      expect(Math.abs(channels[0]!.length / 16 - endMs)).toBeLessThanOrEqual(20);
    },
  );
});

describe('a call whose turns a server decided about', () => {
  test('has the same turns when it is replayed', async () => {
    const scenario = readScenario('conversation');
    const [first, second] = scenario.steps as (ScenarioStep & { do: 'speak' })[];
    const steps = [first!, { ...second!, when: { afterPreviousMs: 1_300 } }, HANG_UP];
    const clock = new VirtualClock(Date.parse('2026-07-13T10:30:00.000Z'));
    const answers = new FakeOpenAiResponses({ scenarios: [scenario] });
    const settings = readSettings(
      { REALTIME_BASE_URL: 'ws://localhost:1/v1', REALTIME_TURNS: 'server' },
      { dotEnv: {}, audioConfig: {} },
      '.',
    );
    if (!settings.ok) throw new Error(settings.errors.join('\n'));
    const { events } = await playVirtualCall({
      ...scenarioCall({ ...scenario, steps }),
      clock,
      callSid: `CA${'7'.repeat(32)}`,
      environment: {
        services: { speechToSpeech: scenarioSpeechToSpeech(answers, clock.sleep, new ListeningLine(1_700)) },
        prompts,
        greeter: { ready: () => 'none' },
        settings: settings.settings.call,
      },
      format: 'wav',
    });
    const fixture = readFixture(writeFixture(exportCall(events)));
    const again = await replayed(fixture, folder());
    expect(turnsOf(events)).toHaveLength(1);
    expect(turnsOf(again.events)).toEqual(turnsOf(events));
    expect(words(again)).toEqual(words({ events }));
    expect(words(again).slice(-2)).toEqual([
      expect.stringContaining('Caller: '),
      expect.stringContaining('Assistant: '),
    ]);
  });
});

describe('an exported call', () => {
  test('is unchanged after writing and reading', () => {
    const fixture = fixtureOf('conversation.jsonl');
    expect(readFixture(writeFixture(fixture))).toEqual(fixture);
  });

  test.each(NAMES)(
    '%s, exported from its own replay and replayed again, has the same transcript',
    async (name) => {
      const first = await firstReplay(name);
      const second = await replayed(exportCall([...first.events]), folder());
      expect(words(second)).toEqual(words(first));
    },
  );

  test('without audio is refused with a reason', async () => {
    const { events } = await firstReplay('keys.jsonl');
    const silent = events.map((event) => (event.kind === 'ringing' ? { ...event, recorded: false } : event));
    expect(() => exportCall(silent)).toThrow(/RECORD_CONVERSATIONS/u);
  });
});

const HANG_UP: ScenarioStep = { do: 'hangUp', when: { afterAssistantQuietMs: 600 } };

/** Where each turn of the caller began and ended. */
function turnsOf(events: readonly CallEvent[]): readonly number[][] {
  return events.flatMap((event) => (event.kind === 'utterance' ? [[event.startMs, event.endMs]] : []));
}

function words(replay: Pick<FastReplay, 'events'>): string[] {
  const lines = transcriptLines(transcriptOf(reconstructCall(replay.events)!));
  return lines.map((line) => line.replace(/^\[[^\]]*\] /u, ''));
}
