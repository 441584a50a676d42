import { describe, expect, it } from 'vitest';
import { layOutAudio } from '../../../src/records/recording/audio-timeline.ts';
import type { RehearsedCall } from '../rehearsed-call.ts';
import { NEVER, talk } from '../scripted-talk.ts';

/** Where our side of the recording is loud, in call milliseconds, gaps of less than 200 ms left out. */
function ourSound(call: RehearsedCall): { fromMs: number; toMs: number }[] {
  const spans: { fromMs: number; toMs: number }[] = [];
  let at = 0;
  for (const { assistant } of layOutAudio(call.reading, call.journal.events)) {
    for (let i = 0; i < assistant.length; i += 80) {
      const loud = assistant.subarray(i, i + 80).some((sample) => Math.abs(sample) > 1_000);
      if (!loud) continue;
      const ms = (at + i) / 8;
      const last = spans.at(-1);
      if (last && ms - last.toMs < 200) last.toMs = ms + 10;
      else spans.push({ fromMs: ms, toMs: ms + 10 });
    }
    at += assistant.length;
  }
  return spans;
}

describe('an operator who takes over', () => {
  it('stops the assistant at once, and is heard and recorded as a third speaker', async () => {
    const { call, replier } = talk({
      texts: ['A question.', 'Good day, this is Anna.', 'Hello Anna.'],
      replies: ['A very long answer that goes on and on and on and on.'],
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.until(() => call.phone.playing);
    await call.run(600);
    expect(call.call.takeOver(call.clock.nowMs)).toBe(true);
    expect(call.call.dialog.state).toBe('operator');
    await call.run(100);
    expect(call.phone.playing).toBe(false);
    await call.operatorSays(1_500);
    await call.callerSays(1_000);
    await call.run(3_000);
    expect(replier.shown).toHaveLength(1);
    const lines = call.transcript;
    expect(lines.slice(0, 2)).toEqual(['Assistant: Hello.', 'Caller: A question.']);
    expect(lines[2]).toMatch(/^Assistant: A very .* —$/u);
    expect(lines.slice(3)).toEqual(['Operator: Good day, this is Anna.', 'Caller: Hello Anna.']);
  });

  it('leaves a question to the assistant if its text arrives during the take-over', async () => {
    const { call, replier } = talk({
      texts: [{ afterMs: 600, give: 'When do you open?' }],
      replies: ['At nine.'],
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.run(800);
    expect(call.call.takeOver(call.clock.nowMs)).toBe(true);
    await call.run(5_000);
    expect(replier.shown).toHaveLength(0);
    call.call.answerers.handBack(call.clock.nowMs);
    await call.run(4_000);
    expect(replier.shown).toHaveLength(1);
    expect(call.pieces.slice(1)).toEqual(['At nine.']);
  });

  it('hangs up: the microphone is ignored, queued speech is played, and the call ends', async () => {
    const { call } = talk({ texts: ['Goodbye.'] });
    await call.heardOut();
    await call.run(500);
    call.call.takeOver(call.clock.nowMs);
    await call.operatorSays(1_000, 0);
    call.call.endNow('the desk hung up', call.clock.nowMs);
    const downAtMs = call.clock.nowMs;
    await call.operatorSays(3_000, 0);
    expect(call.phone.hangUps[0]! - downAtMs).toBeLessThan(1_500);
    const [, operator] = ourSound(call);
    expect(operator!.toMs - operator!.fromMs).toBeGreaterThan(800);
    expect(operator!.toMs - operator!.fromMs).toBeLessThan(1_200);
  });

  it("hangs up during the assistant's speech, which stops at once", async () => {
    const { call } = talk({
      texts: ['A question.'],
      replies: ['A very long answer that goes on and on and on and on.'],
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.until(() => call.phone.playing);
    call.call.endNow('the desk hung up', call.clock.nowMs);
    const downAtMs = call.clock.nowMs;
    await call.until(() => call.phone.hangUps.length > 0);
    expect(call.phone.hangUps[0]! - downAtMs).toBeLessThan(1_000);
  });

  it('is placed in recording and transcript at the times the caller heard', async () => {
    const { call } = talk({ texts: ['One moment.'] });
    await call.heardOut();
    await call.run(500);
    call.call.takeOver(call.clock.nowMs);
    const spokeAtMs = call.nowMs;
    await call.operatorSays(1_500);
    await call.run(1_000);
    const [, operator] = ourSound(call);
    expect(operator!.fromMs - spokeAtMs).toBeGreaterThan(0);
    expect(operator!.fromMs - spokeAtMs).toBeLessThan(600);
    expect(operator!.toMs - operator!.fromMs).toBeGreaterThan(1_400);
    expect(operator!.toMs - operator!.fromMs).toBeLessThan(1_600);
    const turn = call.reading.turns.find((one) => one.operator)!;
    expect(Math.abs(turn.startMs - operator!.fromMs)).toBeLessThan(60);
    expect(Math.abs(turn.endMs - operator!.toMs)).toBeLessThan(60);
  });

  it('hands back to an assistant that knows what was said, and answers the next question', async () => {
    const { call, replier } = talk({
      texts: ['I will look.', 'And on Sunday?'],
      replies: ['Closed on Sunday.'],
    });
    await call.heardOut();
    call.call.takeOver(call.clock.nowMs);
    expect(call.call.takeOver(call.clock.nowMs)).toBe(false);
    await call.operatorSays(1_200);
    await call.run(500);
    expect(call.call.answerers.handBack(call.clock.nowMs)).toBe(true);
    expect(call.call.answerers.handBack(call.clock.nowMs)).toBe(false);
    await call.callerSays(1_000);
    await call.heardOut();
    expect(replier.shown.at(-1)).toEqual([
      { speaker: 'assistant', text: 'Hello.' },
      { speaker: 'operator', text: 'I will look.' },
      { speaker: 'caller', text: 'And on Sunday?' },
    ]);
    expect(call.transcript.at(-1)).toBe('Assistant: Closed on Sunday.');
  });

  it('may be silent without a limit: nobody asks whether the caller is there', async () => {
    const { call } = talk({});
    await call.heardOut();
    call.call.takeOver(call.clock.nowMs);
    await call.run(60_000);
    expect(call.pieces).toEqual(['Hello.']);
    expect(call.call.endingByUs).toBe(false);
  });

  it('hands back a call of an earlier process to an assistant that answers', async () => {
    const history = {
      said: [],
      turns: 1,
      replies: 1,
      pieces: 1,
      keys: 0,
      startedAtMs: 0,
      format: 'wav',
    } as const;
    const { call } = talk(
      { texts: ['And now?'], replies: ['Now I answer.'] },
      { history: { ...history, zeroAtMs: 1_700_000_000_000 - 60_000, endMs: 50_000 } },
    );
    await call.heardOut();
    call.call.takeOver(call.clock.nowMs);
    await call.run(1_000);
    call.call.answerers.handBack(call.clock.nowMs);
    await call.callerSays(1_000);
    await call.heardOut();
    expect(call.pieces).toEqual(['<still-there>', 'Now I answer.']);
  });

  it('who hands back while the line is gone leaves the question to the next stream', async () => {
    const texts = [{ afterMs: 600, give: 'A question.' }];
    const { call } = talk({ texts, replies: ['The answer.'] });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.run(800);
    call.call.takeOver(call.clock.nowMs);
    await call.run(2_000);
    call.call.streamEnded('closed', call.clock.nowMs);
    call.call.answerers.handBack(call.clock.nowMs);
    await call.run(3_000);
    call.connect();
    await call.heardOut();
    expect(call.transcript.slice(1)).toEqual(['Caller: A question.', 'Assistant: The answer.']);
  });

  it('keeps the call when its stream breaks and returns', async () => {
    const { call } = talk({ texts: ['First.', 'Second.'] });
    await call.heardOut();
    call.call.takeOver(call.clock.nowMs);
    await call.operatorSays(1_000);
    call.call.streamEnded('closed', call.clock.nowMs);
    call.call.operatorAudio(new Uint8Array(160).fill(0x20), call.clock.nowMs);
    await call.clock.goTo(call.clock.nowMs + 2_000);
    call.connect();
    expect(call.call.dialog.state).toBe('operator');
    await call.operatorSays(1_000);
    await call.run(1_000);
    expect(call.transcript.slice(1)).toEqual(['Operator: First.', 'Operator: Second.']);
  });

  it('is recorded with an unfinished word when the call ends', async () => {
    const { call } = talk({ texts: ['Half a wor'] });
    await call.heardOut();
    call.call.takeOver(call.clock.nowMs);
    await call.operatorSays(1_000, 0);
    call.call.answerers.handBack(call.clock.nowMs);
    await call.run(2_000);
    expect(call.transcript[1]).toBe('Operator: Half a wor');
  });
});

describe('instructions for the assistant', () => {
  it('are sent to the chat model with the next reply, and are neither spoken nor recorded', async () => {
    const { call, replier } = talk({ texts: ['What does it cost?'], replies: ['Forty euros.'] });
    await call.heardOut();
    call.call.guide('The price is 40 euros.', call.clock.nowMs);
    await call.callerSays(1_000);
    await call.heardOut();
    expect(replier.shown[0]).toContainEqual({ speaker: 'guidance', text: 'The price is 40 euros.' });
    expect(call.transcript.join()).not.toContain('price');
  });
});

describe('ringing operators', () => {
  const bell = (hasAvailableOperator: () => boolean = () => true) => ({
    ringMs: 12_000,
    hasAvailableOperator,
  });

  it('rings before the assistant answers, which greets if no operator answers', async () => {
    const { call } = talk({}, { ring: bell() });
    await call.run(11_000);
    expect(call.call.dialog.state).toBe('ringing');
    expect(call.journal.of('piece').map(({ role }) => role)).toEqual(['tone', 'tone', 'tone']);
    await call.run(1_500);
    expect(call.pieces.at(-1)).toBe('Hello.');
    await call.run(2_000);
    expect(call.call.dialog.state).not.toBe('ringing');
    expect(call.transcript).toEqual(['Assistant: Hello.']);
  });

  it('is answered by a take-over: no greeting, and the operator is heard', async () => {
    const { call } = talk({ texts: ['Anna speaking.'] }, { ring: bell() });
    await call.run(3_000);
    expect(call.call.takeOver(call.clock.nowMs)).toBe(true);
    await call.operatorSays(1_000);
    await call.run(20_000);
    expect(call.transcript).toEqual(['Operator: Anna speaking.']);
  });

  it('is answered by the assistant at once if every operator declines', async () => {
    const { call } = talk({}, { ring: bell() });
    await call.run(2_000);
    expect(call.call.answerers.isAssisted).toBe(false);
    expect(call.call.guide('Be brief.', call.clock.nowMs)).toBe(false);
    expect(call.call.answerers.stopRinging(call.clock.nowMs)).toBe(true);
    expect(call.call.answerers.stopRinging(call.clock.nowMs)).toBe(false);
    await call.run(200);
    expect(call.pieces.at(-1)).toBe('Hello.');
    expect(call.call.answerers.isAssisted).toBe(true);
    expect(call.call.guide('Be brief.', call.clock.nowMs)).toBe(true);
  });

  it('is handed back to an assistant that neither greets nor asks whether the caller is still there', async () => {
    const texts = ['Anna speaking.', 'And now?'];
    const { call } = talk({ texts, replies: ['Now I answer.'] }, { ring: bell() });
    await call.run(3_000);
    call.call.takeOver(call.clock.nowMs);
    await call.operatorSays(1_000);
    call.call.answerers.handBack(call.clock.nowMs);
    await call.run(5_000);
    call.call.streamEnded('closed', call.clock.nowMs);
    call.connect();
    await call.run(5_000);
    expect(call.pieces.filter((text) => text !== '')).toEqual([]);
    await call.callerSays(1_000);
    await call.heardOut();
    expect(call.pieces.at(-1)).toBe('Now I answer.');
  });

  it('does not ring without an available operator, and stops when the last one leaves', async () => {
    const alone = talk({}, { ring: bell(() => false) });
    await alone.call.run(100);
    expect(alone.call.pieces).toEqual(['Hello.']);
    let isAvailable = true;
    const { call } = talk({}, { ring: bell(() => isAvailable) });
    await call.run(2_000);
    isAvailable = false;
    await call.run(200);
    expect(call.pieces.at(-1)).toBe('Hello.');
  });
});

describe('a listener', () => {
  it('receives both sides with the times at which they are heard', async () => {
    const heard: { speaker: string; callMs: number; bytes: number }[] = [];
    const { call } = talk(
      { texts: [NEVER] },
      { audio: (speaker, mulaw, callMs) => void heard.push({ speaker, callMs, bytes: mulaw.length }) },
    );
    await call.heardOut();
    await call.callerSays(400);
    const bytesOf = (speaker: string) =>
      heard.filter((one) => one.speaker === speaker).reduce((sum, { bytes }) => sum + bytes, 0);
    expect(bytesOf('caller') / 8).toBeCloseTo(call.nowMs, -2);
    expect(bytesOf('assistant')).toBe(4_000);
    const callers = heard.filter((one) => one.speaker === 'caller').map(({ callMs }) => callMs);
    expect(callers).toEqual([...callers].sort((a, b) => a - b));
  });
});
