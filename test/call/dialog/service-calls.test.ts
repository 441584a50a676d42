import { describe, expect, it } from 'vitest';
import { ServiceCalls } from '../../../src/call/dialog/service-calls.ts';
import type { ServiceResponse } from '../../../src/events/call-events.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { ScriptedReplier, ScriptedTranscriber, ScriptedVoice } from '../../doubles/scripted-services.ts';

const UTTERANCE = { wav: new Uint8Array(44), durationMs: 0 };

function desk() {
  const clock = new VirtualClock(1_000);
  const answers: ServiceResponse[] = [];
  const services = {
    transcriber: new ScriptedTranscriber(clock.sleep, [
      { afterMs: 300, give: 'Hello.' },
      { afterMs: 100, give: new Error('down') },
      { afterMs: 100, give: 'too late' },
    ]),
    replier: new ScriptedReplier(clock.sleep, [
      [
        { afterMs: 200, give: 'One ' },
        { afterMs: 50, give: 'two.' },
      ],
    ]),
    voice: new ScriptedVoice(clock, { firstMs: 150, soundMs: () => 500 }),
  };
  return { clock, answers, desk: new ServiceCalls(services, clock.now, (answer) => answers.push(answer)) };
}

describe('ServiceCalls', () => {
  it('records responses of services with their times, for replay', async () => {
    const { clock, answers, desk: services } = desk();
    const texts: (string | Error)[] = [];
    services.transcribe(UTTERANCE, 'turn 3', (text) => texts.push(text));
    await clock.goTo(2_000);
    services.reply([{ speaker: 'caller', text: 'Hello.' }], {
      text: (text) => texts.push(text),
      retracted: () => texts.push('retracted'),
      done: () => texts.push('done') > 0,
      failed: (error) => texts.push(String(error)),
    });
    await clock.goTo(3_000);
    expect(texts).toEqual(['Hello.', 'One ', 'two.', 'done']);
    expect(answers).toEqual([
      {
        service: 'transcription',
        id: 1,
        askedAtMs: 1_000,
        request: 'turn 3',
        pieces: [{ afterMs: 300, text: 'Hello.' }],
      },
      {
        service: 'chat',
        id: 2,
        askedAtMs: 2_000,
        request: 'Hello.',
        pieces: [
          { afterMs: 200, text: 'One ' },
          { afterMs: 250, text: 'two.' },
        ],
      },
    ]);
  });

  it('reports a failure once and records it', async () => {
    const { clock, answers, desk: services } = desk();
    const results: unknown[] = [];
    services.transcribe(UTTERANCE, 'turn 1', () => undefined);
    services.transcribe(UTTERANCE, 'turn 2', (result) => results.push(result));
    await clock.goTo(3_000);
    expect(results).toEqual([new Error('down')]);
    expect(answers.find((answer) => answer.request === 'turn 2')!.error).toBe('down');
  });

  it('calls nothing after it was cancelled', async () => {
    const { clock, answers, desk: services } = desk();
    const heard: unknown[] = [];
    const note = (what: unknown): void => void heard.push(what);
    const cancels = [
      services.transcribe(UTTERANCE, 'turn 1', note),
      services.reply([], {
        text: note,
        retracted: () => note('retracted'),
        done: () => {
          note('done');
          return true;
        },
        failed: note,
      }),
      services.speak('words', { audio: note, reworded: note, done: () => note('done'), failed: note }),
    ];
    await clock.goTo(1_050);
    for (const cancel of cancels) cancel();
    await clock.goTo(9_000);
    expect(heard).toEqual([]);
    expect(answers.map((answer) => answer.error)).toEqual(['cancelled', 'cancelled', 'cancelled']);
  });

  it('holds speech back while there is no room for it', async () => {
    const { clock, desk: services } = desk();
    let bytes = 0;
    let room: () => void = () => undefined;
    services.speak('words', {
      audio: (mulaw) => {
        bytes += mulaw.length;
        return new Promise((resolve) => (room = resolve));
      },
      reworded: () => undefined,
      done: () => undefined,
      failed: () => undefined,
    });
    await clock.goTo(5_000);
    expect(bytes).toBe(1_600);
    room();
    await clock.goTo(6_000);
    expect(bytes).toBe(3_200);
  });
});
