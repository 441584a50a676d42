import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadPrompts } from '../src/app/load-prompts.ts';
import { readSettings } from '../src/settings/settings.ts';
import { exportCall } from '../src/simulator/fixtures/exported-call.ts';
import { writeFixture } from '../src/simulator/fixtures/fixture.ts';
import { readAllScenarios, type Scenario } from '../src/simulator/fixtures/scenario.ts';
import { playVirtualCall } from '../src/simulator/virtual-call.ts';
import { VirtualClock } from '../src/simulator/virtual-clock.ts';
import { FakeOpenAiResponses } from '../test/doubles/fake-openai-responses.ts';
import { scenarioCall } from '../test/doubles/scenario-call.ts';
import type { Services } from '../src/call/ports.ts';
import { scenarioServices } from '../test/doubles/scenario-services.ts';
import { scenarioSpeechToSpeech } from '../test/doubles/scenario-speech-to-speech.ts';

/**
 * Generates fixtures/calls/*.jsonl: runs every scripted call of fixtures/services, with the synthetic speech of
 * fixtures/audio, through offhook under a virtual clock and exports its journal. `npx tsx scripts/make-calls.ts [NAME…]`; without names all of them are made anew.
 */
const STARTED_AT = Date.parse('2026-07-13T10:30:00.000Z');
const folder = new URL('../fixtures/calls/', import.meta.url);
const prompts = fileURLToPath(new URL('../prompts', import.meta.url));
const settings = readSettings({}, { dotEnv: {}, audioConfig: {} }, '.');
if (!settings.ok) throw new Error(settings.errors.join('\n'));
const callSettings = settings.settings.call;
const { book } = await loadPrompts(prompts, prompts, 'en');
/** The scripted calls that a speech-to-speech model answers, too. */
const SPOKEN = ['conversation', 'barge-in', 'keys'];
const only = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const scenarios = readAllScenarios();
for (const [index, scenario] of scenarios.entries()) await makeCall(scenario, index, scenario.name);
for (const [index, name] of SPOKEN.entries()) {
  const scenario = scenarios.find((one) => one.name === name)!;
  await makeCall(scenario, scenarios.length + index, `speech-to-speech-${name}`);
}

/** `name`: of the file. */
async function makeCall(scenario: Scenario, index: number, name: string): Promise<void> {
  if (only.length > 0 && !only.includes(name)) return;
  const clock = new VirtualClock(STARTED_AT + index * 3_600_000);
  const answers = new FakeOpenAiResponses({ scenarios: [scenario] });
  const withoutServices = scenario.answers.replies.length === 0;
  const pipeline = (): Services => (withoutServices ? {} : scenarioServices(answers, clock.sleep));
  const { events } = await playVirtualCall({
    ...scenarioCall(scenario),
    clock,
    callSid: `CA${String(index + 1).padStart(32, '0')}`,
    environment: {
      services: name.startsWith('speech-to-speech')
        ? { speechToSpeech: scenarioSpeechToSpeech(answers, clock.sleep) }
        : pipeline(),
      prompts: book,
      greeter: { ready: () => 'none' },
      settings: callSettings,
    },
    format: 'mp3',
  });
  const summary = withoutServices
    ? []
    : [{ kind: 'summary', atMs: clock.nowMs, text: scenario.answers.summary, by: 'chat' } as const];
  const file = new URL(`${name}.jsonl`, folder);
  writeFileSync(file, writeFixture(exportCall([...events, ...summary])));
  process.stdout.write(`${fileURLToPath(file)}: ${events.length} events\n`);
}
