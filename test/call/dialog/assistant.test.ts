import { describe, expect, it } from 'vitest';
import { NEVER, talk } from '../scripted-talk.ts';

describe('Assistant at the start of a call', () => {
  it('plays the synthesised greeting at once', async () => {
    const { call } = talk({});
    await call.run(100);
    expect(call.pieces).toEqual(['Hello.']);
    expect(call.phone.playing).toBe(true);
  });

  it('plays the recorded greeting within 2 s if synthesis is late', async () => {
    const { call } = talk({}, { greeter: { ready: () => undefined } });
    await call.run(1_000);
    expect(call.pieces).toEqual([]);
    const took = await call.until(() => call.phone.playing);
    expect(1_000 + took).toBeLessThan(2_000);
    expect(call.pieces).toEqual(['<greeting>']);
  });

  it('does not greet a caller who already speaks', async () => {
    const { call } = talk(
      { texts: ['Is anybody there?'], replies: ['Yes, of course.'] },
      { greeter: { ready: () => undefined } },
    );
    await call.callerSays(1_200);
    await call.heardOut();
    expect(call.pieces).toEqual(['Yes, of course.']);
  });
});

describe('Assistant in conversation', () => {
  it('answers after a pause of the caller, and knows what was said', async () => {
    const { call, replier } = talk({ texts: ['What are your hours?'], replies: ['We are open.'] });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.heardOut();
    expect(replier.shown).toEqual([
      [
        { speaker: 'assistant', text: 'Hello.' },
        { speaker: 'caller', text: 'What are your hours?' },
      ],
    ]);
    expect(call.transcript).toEqual([
      'Assistant: Hello.',
      'Caller: What are your hours?',
      'Assistant: We are open.',
    ]);
  });

  it('speaks the first sentence while the second is generated', async () => {
    const { call } = talk({
      texts: ['A question.'],
      replies: [
        [
          { afterMs: 100, give: 'This is the first sentence. ' },
          { afterMs: 1_500, give: 'And this is the second one.' },
        ],
      ],
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.until(() => call.phone.playing);
    expect(call.pieces.slice(1)).toEqual(['This is the first sentence.']);
    await call.heardOut();
    expect(call.pieces.slice(1)).toEqual(['This is the first sentence.', 'And this is the second one.']);
  });

  it('speaks the sentences of a reply within 250 ms of each other', async () => {
    const sentences = [
      'Here comes the first.',
      'Here comes the second.',
      'Here comes the third.',
      'And the last.',
    ];
    const { call } = talk({
      texts: ['Tell me all.'],
      replies: [
        sentences
          .join(' ')
          .split(/(?<= )/u)
          .map((give) => ({ afterMs: 30, give })),
      ],
      voice: { firstMs: 400 },
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.heardOut();
    await call.run(2_000);
    expect(call.pieces.slice(1)).toEqual(sentences);
    const starts = call.reading.pieces.slice(1);
    for (const [index, piece] of starts.slice(1).entries())
      expect(piece.startMs! - starts[index]!.endMs!).toBeLessThanOrEqual(250);
  });

  it('plays a filler between 2.5 and 4 s after the last word, and further ones before 4 s of silence', async () => {
    const { call } = talk({ texts: [NEVER] });
    await call.heardOut();
    await call.callerSays(1_000);
    const first = await call.until(() => call.phone.playing);
    expect(first).toBeGreaterThanOrEqual(2_500);
    expect(first).toBeLessThanOrEqual(4_000);
    let silentMs = 0;
    let longestMs = 0;
    for (let ms = 0; ms < 20_000; ms += 100) {
      await call.run(100);
      silentMs = call.phone.playing ? 0 : silentMs + 100;
      longestMs = Math.max(longestMs, silentMs);
    }
    expect(longestMs).toBeLessThanOrEqual(4_000);
    expect(call.pieces.slice(1, 5)).toEqual(['<filler-1>', '<filler-2>', '<filler-1>', '<filler-2>']);
  });

  it('plays no filler between two sentences of a reply', async () => {
    const { call } = talk({
      texts: ['Tell me.'],
      replies: [
        [
          { afterMs: 100, give: 'This first sentence takes a good while to be said, as you can hear. ' },
          { afterMs: 5_200, give: 'The second one came late.' },
        ],
      ],
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.run(12_000);
    expect(call.pieces.slice(1)).toEqual([
      'This first sentence takes a good while to be said, as you can hear.',
      'The second one came late.',
    ]);
  });

  it('pauses a speech service that is far ahead of playback', async () => {
    const { call, voice } = talk({
      texts: ['Tell me everything.'],
      replies: ['A sentence without an end.'],
      voice: { firstMs: 200, soundMs: () => 600_000 },
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.until(() => call.phone.playing);
    await call.run(30_000);
    expect(voice.madeMs).toBeLessThan(30_000 + 10_000 + 60_000 + 2_000);
    const before = voice.madeMs;
    await call.run(30_000);
    expect(voice.madeMs - before).toBeGreaterThan(25_000);
    expect(call.phone.playing).toBe(true);
  });

  it('asks after a long silence whether the caller is still there, then says goodbye and hangs up', async () => {
    const { call } = talk({});
    await call.heardOut();
    const asked = await call.until(() => call.phone.playing);
    expect(asked).toBeGreaterThanOrEqual(14_900);
    expect(asked).toBeLessThanOrEqual(15_500);
    await call.until(() => call.phone.hangUps.length > 0);
    expect(call.pieces.slice(1)).toEqual(['<still-there>', '<goodbye>']);
    expect(call.phone.hangUps[0]! - call.phone.quietSinceMs).toBeGreaterThanOrEqual(300);
    expect(call.phone.hangUps[0]! - call.phone.quietSinceMs).toBeLessThanOrEqual(500);
  });

  it('never asks if that is switched off', async () => {
    const { call } = talk({}, { settings: { talk: { stillThereAfterMs: 0 } } });
    await call.run(120_000);
    expect(call.pieces).toEqual(['Hello.']);
  });

  it('says that the maximum length is reached and hangs up', async () => {
    const { call } = talk({}, { settings: { maxCallMinutes: 1, talk: { stillThereAfterMs: 0 } } });
    await call.run(59_900);
    expect(call.phone.hangUps).toEqual([]);
    const took = await call.until(() => call.phone.hangUps.length > 0);
    expect(took).toBeLessThan(2_000);
    expect(call.pieces).toEqual(['Hello.', '<time-limit>']);
  });

  it('ignores an utterance without words', async () => {
    const { call, replier } = talk({ texts: [{ afterMs: 100, give: '' }] });
    await call.heardOut();
    await call.callerSays(800);
    await call.run(8_000);
    expect(replier.shown).toEqual([]);
    expect(call.pieces).toEqual(['Hello.']);
    expect(call.transcript).toEqual(['Assistant: Hello.']);
  });

  it('answers two utterances in quick succession together', async () => {
    const { call, replier } = talk({
      texts: [
        { afterMs: 1_500, give: 'One thing.' },
        { afterMs: 100, give: 'And another.' },
      ],
      replies: ['Both are fine.'],
    });
    await call.heardOut();
    await call.callerSays(600);
    await call.run(900);
    await call.callerSays(600);
    await call.heardOut();
    expect(replier.shown.length).toBe(1);
    expect(replier.shown[0]!.map(({ text }) => text)).toEqual(['Hello.', 'One thing.', 'And another.']);
  });
});

describe('Assistant and keys', () => {
  it('treats keys in quick succession as one input, and answers it', async () => {
    const { call, replier } = talk({ replies: ['Thank you for the number.'] });
    await call.heardOut();
    for (const digit of '471') {
      call.call.key(digit, call.clock.nowMs);
      await call.run(600);
    }
    await call.heardOut();
    expect(replier.shown.length).toBe(1);
    expect(replier.shown[0]!.slice(1).map(({ text }) => text)).toEqual([
      '[pressed 4]',
      '[pressed 7]',
      '[pressed 1]',
    ]);
    expect(call.transcript.slice(1)).toEqual([
      'Caller: [pressed 4]',
      'Caller: [pressed 7]',
      'Caller: [pressed 1]',
      'Assistant: Thank you for the number.',
    ]);
  });

  it('stops speaking at a key', async () => {
    const { call } = talk({
      texts: ['Tell me.'],
      replies: ['A long answer that goes on and on and on and on.', 'Yes.'],
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.until(() => call.phone.playing);
    await call.run(500);
    call.call.key('5', call.clock.nowMs);
    expect(call.phone.clears).toEqual([call.clock.nowMs]);
    await call.heardOut();
    expect(call.pieces.at(-1)).toBe('Yes.');
  });
});
