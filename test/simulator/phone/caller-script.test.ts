import { describe, expect, it } from 'vitest';
import { loudnessDbfs } from '../../../src/audio/loudness.ts';
import { decodeMulaw } from '../../../src/audio/mulaw.ts';
import { checkScenario, readAllScenarios } from '../../../src/simulator/fixtures/scenario.ts';
import type { CallerStep } from '../../../src/simulator/phone/caller-script.ts';
import { CallerDirector, callerStepsOf } from '../../../src/simulator/phone/caller-script.ts';
import { MediaServer } from '../../../src/simulator/phone/media-server.ts';
import { lineAmbience } from '../../doubles/line-ambience.ts';

const names = { streamSid: 'MZ1', callSid: 'CA1', accountSid: 'AC1', customParameters: {} };
const speech = (ms: number) => new Uint8Array(ms * 8).fill(0x10);
const media = (ms: number) =>
  JSON.stringify({
    ...{ event: 'media', streamSid: 'MZ1' },
    media: { payload: Buffer.from(speech(ms)).toString('base64') },
  });

/** Runs a script in steps of 5 ms against an assistant that speaks at given times: [atMs, forMs]. */
function play(
  steps: readonly CallerStep[],
  assistant: readonly (readonly [number, number])[],
  untilMs: number,
) {
  const server = new MediaServer(names);
  const director = new CallerDirector(steps);
  const done: string[] = [];
  for (let now = 0; now <= untilMs; now += 5) {
    for (const [atMs, forMs] of assistant) if (atMs === now) server.receive(media(forMs), now);
    server.advance(now);
    for (const act of director.due(server.playout, now)) done.push(`${act.do}@${String(now)}`);
  }
  return { done, director };
}

describe('CallerScript', () => {
  it('waits until the assistant was heard and then was quiet', () => {
    const steps: CallerStep[] = [
      { do: 'speak', audio: speech(500), when: { afterAssistantQuietMs: 300 } },
      { do: 'hangUp', when: { afterAssistantQuietMs: 200 } },
    ];
    const { done } = play(
      steps,
      [
        [100, 400],
        [600, 300],
        [2000, 100],
      ],
      3000,
    );
    expect(done).toEqual(['speak@1200', 'hangUp@2300']);
  });

  it('distinguishes the silence before the answer from the silence after it', () => {
    const steps: CallerStep[] = [
      { do: 'speak', audio: speech(100), when: { atMs: 0 } },
      { do: 'press', digit: '1', when: { afterAssistantQuietMs: 50 } },
    ];
    expect(play(steps, [[5000, 100]], 6000).done).toEqual(['speak@0', 'press@5150']);
  });

  it('continues after 20 s if the assistant never speaks', () => {
    const { done } = play([{ do: 'hangUp', when: { afterAssistantQuietMs: 300 } }], [], 21_000);
    expect(done).toEqual(['hangUp@20000']);
  });

  it('interrupts some time after the assistant started', () => {
    const steps: CallerStep[] = [
      { do: 'speak', audio: speech(100), when: { atMs: 200 } },
      { do: 'speak', audio: speech(100), when: { assistantHeardMs: 150 } },
    ];
    expect(play(steps, [[500, 1000]], 2000).done).toEqual(['speak@200', 'speak@650']);
  });

  it('counts from the start or the end of the previous step, and waits', () => {
    const steps: CallerStep[] = [
      { do: 'wait', ms: 100 },
      { do: 'speak', audio: speech(400), when: { afterPreviousMs: 50 } },
      { do: 'press', digit: '1', when: { afterPreviousMs: 100 } },
      { do: 'speak', audio: speech(1000), when: { afterPreviousMs: 0 } },
      { do: 'hangUp', when: { afterPreviousStartMs: 330 } },
    ];
    const { done, director } = play(steps, [], 2000);
    expect(done).toEqual(['speak@150', 'press@650', 'speak@650', 'hangUp@980']);
    expect(director.done).toBe(true);
  });
});

describe('line noise and echo', () => {
  it('has noise at the requested level', () => {
    const ambience = lineAmbience({ noiseDbfs: -50 });
    const server = new MediaServer({ ...names, ...(ambience && { ambience }) });
    server.advance(5000);
    const level = loudnessDbfs(decodeMulaw(server.callerTrack()));
    expect(level).toBeGreaterThan(-51);
    expect(level).toBeLessThan(-49);
  });

  it('repeats the assistant 25 dB lower and 120 ms later', () => {
    const ambience = lineAmbience({ echo: { db: -25, afterMs: 120 } });
    const server = new MediaServer({ ...names, ...(ambience && { ambience }) });
    server.receive(media(200), 40);
    server.advance(1000);
    const echo = decodeMulaw(server.callerTrack());
    const played = decodeMulaw(server.playedAssistant());
    expect(echo.findIndex((sample) => sample !== 0)).toBe(160 * 8);
    expect(echo.findLastIndex((sample) => sample !== 0)).toBe(360 * 8 - 1);
    expect(20 * Math.log10(Math.abs((echo[1400] ?? 0) / (played[400] ?? 1)))).toBeCloseTo(-25, 0);
  });
});

describe('the scripted calls', () => {
  const scenarios = readAllScenarios();

  it('are eight valid scripts with recordings for all their speech', () => {
    expect(scenarios.map(({ name }) => name)).toEqual([
      ...['barge-in-greeting', 'barge-in', 'conversation', 'hang-up-mid-word'],
      ...['keys', 'long', 'lost-frames', 'message'],
    ]);
    for (const { steps } of scenarios) expect(callerStepsOf(steps).length).toBe(steps.length);
  });

  it.each([
    [{}, /scripted call x: wants "scenario"/],
    [{ steps: [{ do: 'dance' }] }, /step 1: unknown action dance/],
    [{ steps: [{ do: 'wait', ms: -1 }] }, /step 1: wait needs ms/],
    [{ steps: [{ do: 'hangUp', when: { soon: 1 } }] }, /step 1: when must be one of/],
    [{ steps: [{ do: 'speak', audio: 'nobody', when: { atMs: 1 } }] }, /nobody/],
    [{ steps: [], answers: {} }, /answers needs/],
  ])('are rejected with a message for %j', (part, message) => {
    const whole = { scenario: 'offhook-call', version: 1, about: '', from: '', to: '', ...part };
    expect(() => checkScenario('steps' in part ? whole : part, 'x')).toThrow(message);
  });
});
