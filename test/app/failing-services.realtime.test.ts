import { afterAll, describe, expect, it, vi } from 'vitest';
import type { CallReport } from '../../src/simulator/call-report.ts';
import { readAllScenarios, readScenario, type ScenarioStep } from '../../src/simulator/fixtures/scenario.ts';
import { placeCall } from '../../src/simulator/phone/simulated-phone.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../doubles/fake-openai.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { Offhook, SIGNED } from '../support/test-server.ts';

vi.setConfig({ testTimeout: 120_000 });

const FILLERS = /Assistant: (One moment, please\.|Let me see\.)/;
const APOLOGY = 'I am sorry, I am having trouble answering right now.';
const MACHINE = 'Please leave a message after the tone, and we will call you back.';

const speak = (audio: string, afterAssistantQuietMs: number): ScenarioStep => ({
  ...{ do: 'speak', audio, when: { afterAssistantQuietMs } },
});
const hangUpAfter = (afterPreviousMs: number): ScenarioStep => ({ do: 'hangUp', when: { afterPreviousMs } });
const INVOICE = 'caller-i-would-like-to-ask';
const NUMBER = 'caller-it-is-four-seven-one';

/** Tests run side by side: everything is closed at the end. */
const open: { close(): Promise<void> }[] = [];
afterAll(() => Promise.all(open.map((each) => each.close())));

/** The services work until told otherwise. */
async function scene(settings: Record<string, string> = {}) {
  const openAi = await startFakeOpenAi({ scenarios: readAllScenarios() });
  const offhook = await Offhook.start({
    ...SIGNED,
    ...{ OPENAI_API_KEY: 'x', OPENAI_BASE_URL: openAi.url, DEFAULT_AUDIO_FORMAT: 'wav' },
    ...settings,
  });
  open.push(offhook, openAi);
  return { openAi, offhook };
}

async function call(offhook: Offhook, steps: readonly ScenarioStep[]): Promise<CallReport> {
  const report = await placeCall({
    ...offhook.signedAddress,
    ...scenarioCall({ ...readScenario('conversation'), steps }),
  });
  expect(report.errors).toEqual([]);
  return report;
}

type Fault = NonNullable<Parameters<FakeOpenAi['setFault']>[1]>;
const fails: Fault = { kind: 'status', status: 500 };
const hangs: Fault = { kind: 'hang' };

describe.concurrent('a caller whose reply is missing', () => {
  it.each([
    ['chat', hangs],
    ['speech', hangs],
    ['transcription', hangs],
  ] as const)(
    'hears a filler between 2.5 and 4 s and an apology later, because %s hangs',
    async (service, fault) => {
      const { openAi, offhook } = await scene();
      openAi.setFault(service, fault);
      // The greeting comes from the prompts where there is no voice.
      const report = await call(offhook, [speak(INVOICE, 1_300), hangUpAfter(29_000)]);
      const [speech] = report.streams[0]!.speeches;
      expect(speech?.answeredAfterMs).toBeGreaterThanOrEqual(2_500);
      expect(speech?.answeredAfterMs).toBeLessThanOrEqual(4_000);
      await offhook.finished(report.callSid);
      const transcript = offhook.transcript(report.callSid);
      expect(transcript).toMatch(FILLERS);
      expect(transcript).toMatch(/I am sorry, I (am having trouble answering|did not catch that)/);
    },
  );
});

describe.concurrent('a caller whose replies fail repeatedly', () => {
  it.each([
    ['chat', fails],
    ['chat', { kind: 'refuse' }],
    ['speech', fails],
    ['transcription', fails],
  ] as const)('at %s (%j) hears an apology, then leaves a message', async (service, fault) => {
    const { openAi, offhook } = await scene();
    const healthy = openAi.requests.length;
    openAi.setFault(service, fault);
    const report = await call(offhook, [
      speak(INVOICE, 1_300),
      speak(NUMBER, 2_000),
      speak('caller-hello-this-is-martin-reed', 2_500),
      hangUpAfter(2_000),
    ]);
    openAi.setFault(service, undefined);
    expect(openAi.requests.length).toBeGreaterThan(healthy);
    await offhook.finished(report.callSid);
    const transcript = offhook.transcript(report.callSid);
    const apology = service === 'transcription' ? 'I am sorry, I did not catch that.' : APOLOGY;
    expect(transcript).toContain(apology);
    expect(transcript).toContain(MACHINE);
    expect(transcript.indexOf(apology)).toBeLessThan(transcript.indexOf(MACHINE));
    // The message after the tone is on the record, text and all: the service is well again after the call.
    expect(transcript).toContain('Martin Reed');
    expect(offhook.json(report.callSid).audio?.sizeBytes).toBeGreaterThan(100_000);
  });
});

describe.concurrent('a reply whose speech breaks off in the middle', () => {
  it('is in the transcript as far as it was heard', async () => {
    const { openAi, offhook } = await scene();
    const steps = [speak(INVOICE, 1_300), speak(NUMBER, 1_500), hangUpAfter(9_000)];
    const report = await placeCall({
      ...offhook.signedAddress,
      ...scenarioCall({ ...readScenario('conversation'), steps }),
      onProgress: (progress) => {
        if (progress.kind === 'caller' && progress.what.includes('four'))
          openAi.setFault('speech', { kind: 'cut', afterPieces: 12 });
      },
    });
    await offhook.finished(report.callSid);
    const cut = offhook.json(report.callSid).turns.find((turn) => turn.cut && turn.text !== '');
    expect(cut?.text).toMatch(/^Thank you\./);
    expect(cut?.unheard).toMatch(/third of November\.$/);
    expect(offhook.transcript(report.callSid)).not.toContain('November');
  });
});

describe.concurrent('late texts', () => {
  it('are marked as pending at first, and are added to the files when they arrive', async () => {
    const { openAi, offhook } = await scene({ FINISH_WAIT_MS: '4000' });
    openAi.setFault('transcription', hangs);
    const report = await call(offhook, [speak(INVOICE, 1_300), hangUpAfter(2_500)]);
    const endedAt = performance.now();
    await offhook.finished(report.callSid);
    expect(performance.now() - endedAt).toBeLessThan(20_000);
    expect(offhook.transcript(report.callSid)).toContain('Caller: [not yet transcribed]');
    expect(offhook.json(report.callSid)).toMatchObject({ pending: 1 });
    const before = offhook.json(report.callSid).audio?.sha256;
    openAi.setFault('transcription', undefined);
    await offhook.finished(report.callSid, 2);
    expect(offhook.transcript(report.callSid)).toContain('Caller: I would like to ask about an invoice.');
    expect(offhook.summary(report.callSid)).not.toContain('transcribed]');
    expect(offhook.json(report.callSid)).toMatchObject({ pending: 0, summaryBy: 'chat' });
    expect(offhook.json(report.callSid).audio?.sha256).toBe(before);
  });
});
