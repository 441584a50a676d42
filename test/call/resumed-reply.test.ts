import { describe, expect, it } from 'vitest';
import { transcriptOf } from '../../src/records/text/transcript.ts';
import { ServiceError, type Voice } from '../../src/call/ports.ts';
import { type RehearsedCall, USUAL } from './rehearsed-call.ts';
import { NEVER, talk } from './scripted-talk.ts';

describe('Assistant after a false interruption', () => {
  const FIRST = 'One two three four five six seven eight nine ten eleven twelve.';
  const SECOND = 'And then there is something more to say about it.';
  const BOTH = `${FIRST} ${SECOND}`;

  /** The caller asks, and makes a sound of 600 ms so long after the reply has begun. */
  async function interruptAfter(call: RehearsedCall, ms: number): Promise<void> {
    await call.heardOut();
    await call.callerSays(1_000);
    await call.until(() => call.phone.playing);
    await call.run(ms);
    await call.callerSays(600);
  }

  /** Nothing is to be heard for three seconds. */
  async function finished(call: RehearsedCall): Promise<void> {
    await call.until(() => call.clock.nowMs - call.phone.quietSinceMs > 3_000);
  }

  it.each(['', 'Mm-hm.', 'Yes, okay.'])('continues its reply after "%s"', async (said) => {
    const { call, replier } = talk({ texts: ['Tell me.', said, 'And now?'], replies: [BOTH, 'Nothing.'] });
    await interruptAfter(call, 1_500);
    expect(call.phone.clears.length).toBe(1);
    await finished(call);
    expect(replier.shown.length).toBe(1);
    expect(call.transcript.slice(2)).toEqual([`Assistant: ${BOTH}`, ...(said ? [`Caller: ${said}`] : [])]);
    await call.callerSays(1_000);
    await call.heardOut();
    expect(replier.shown[1]!.map(({ text }) => text)).toEqual(
      ['Hello.', 'Tell me.', BOTH, said, 'And now?'].filter((text) => text !== ''),
    );
  });

  it('does not continue after the answer to a request', async () => {
    const reply = 'Your table is for four people on Sunday. Say yes to confirm, or tell me another time.';
    const { call, replier } = talk({ texts: ['A table.', 'Yes.'], replies: [reply, 'It is yours.'] });
    await interruptAfter(call, 4_000);
    await finished(call);
    expect(replier.shown).toHaveLength(2);
    expect(call.pieces).toContain('It is yours.');
  });

  it('continues after any number of words of assent, and does not take them for a machine', async () => {
    const story = Array.from(
      { length: 40 },
      (_, at) => `This is part number ${at + 1} of a long story.`,
    ).join(' ');
    const asides = Array.from({ length: 15 }, () => 'Mm-hm.');
    const { call } = talk({ texts: ['Tell me.', ...asides], replies: [story] });
    await call.heardOut();
    await call.callerSays(1_000);
    for (let at = 0; at < asides.length; at += 1) {
      await call.until(() => call.phone.playing);
      await call.run(1_500);
      await call.callerSays(600);
    }
    await call.until(() => call.phone.playing);
    expect(call.transcript.filter((line) => line === 'Caller: Mm-hm.')).toHaveLength(15);
    expect(call.call.endingByUs).toBe(false);
  });

  it('does not also say that nothing was understood, after a long noise', async () => {
    const { call } = talk({ texts: ['Tell me.', ''], replies: [BOTH] });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.until(() => call.phone.playing);
    await call.run(1_500);
    await call.callerSays(2_000);
    await finished(call);
    expect(call.pieces).not.toContain('<not-understood>');
    expect(call.transcript.at(-1)).toBe(`Assistant: ${BOTH}`);
  });

  it('repeats no more than the word at which it was cut, and is silent in between', async () => {
    const { call } = talk({ texts: ['Tell me.', ''], replies: [BOTH] });
    await interruptAfter(call, 1_500);
    await finished(call);
    const pieces = call.reading.pieces.filter(({ role }) => role === 'reply');
    const [cut, rest] = [pieces[0]!, pieces.find(({ continues }) => continues === pieces[0]!.piece)!];
    expect(FIRST.endsWith(rest.text)).toBe(true);
    expect(rest.text).not.toBe(FIRST);
    expect(rest.startMs! - cut.endMs!).toBeGreaterThan(700);
    expect(rest.startMs! - cut.endMs!).toBeLessThan(2_500);
    const wholeMs = FIRST.length * 60;
    const heardMs = (cut.heardSamples + rest.heardSamples) / 8;
    expect(heardMs).toBeGreaterThanOrEqual(wholeMs - 20);
    // A word of seven letters, and the search for a quiet place before it.
    expect(heardMs).toBeLessThanOrEqual(wholeMs + 7 * 60 + 250 + 40);
    const phoneMs = call.phone.heard.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
    const readMs = call.reading.pieces.reduce((sum, { heardSamples }) => sum + heardSamples / 8, 0);
    expect(Math.abs(phoneMs - readMs)).toBeLessThanOrEqual(60);
  });

  it('is one turn in the files of the call', async () => {
    const { call } = talk({ texts: ['Tell me.', 'Okay.'], replies: [BOTH] });
    await interruptAfter(call, 1_500);
    await finished(call);
    const turns = transcriptOf(call.reading).filter(({ id }) => id === 'reply-2');
    expect(turns).toMatchObject([{ text: BOTH, cut: false }]);
    expect(turns[0]).not.toHaveProperty('unheard');
    const [word] = transcriptOf(call.reading).filter(({ text }) => text === 'Okay.');
    expect(word!.startMs).toBeGreaterThan(turns[0]!.startMs);
    expect(word!.endMs).toBeLessThan(turns[0]!.endMs);
    // The first fall of silence, not the end of the reply.
    expect(call.reading.figures.bargeInMs![0]).toBeLessThan(700);
  });

  it('continues a second time', async () => {
    const { call, replier } = talk({ texts: ['Tell me.', 'Mm-hm.', 'Yeah.'], replies: [BOTH] });
    await interruptAfter(call, 1_000);
    await call.until(() => call.phone.playing);
    await call.run(800);
    await call.callerSays(600);
    expect(call.phone.clears.length).toBe(2);
    await finished(call);
    expect(replier.shown.length).toBe(1);
    expect(call.transcript[2]).toBe(`Assistant: ${BOTH}`);
  });

  it('continues when it was cut a second time before anything was heard again', async () => {
    const { call } = talk({ texts: ['Tell me.', '', ''], replies: [BOTH] });
    await interruptAfter(call, 1_000);
    await call.callerSays(600);
    await finished(call);
    expect(call.transcript[2]).toBe(`Assistant: ${BOTH}`);
  });

  it('can be interrupted after it continued', async () => {
    const { call, replier } = talk({
      texts: ['Tell me.', 'Mm-hm.', 'Stop it.'],
      replies: [BOTH, 'Very well.'],
    });
    await interruptAfter(call, 1_000);
    await call.until(() => call.phone.playing);
    await call.run(600);
    await call.callerSays(600);
    await finished(call);
    const { text } = replier.shown[1]!.find(({ text }) => text.startsWith('One'))!;
    expect(text).toMatch(/^One two three four five.* —$/u);
    expect(BOTH.startsWith(text.replace(' —', ''))).toBe(true);
    expect(call.transcript[2]).toBe(`Assistant: ${text}`);
    expect(replier.shown[1]!.at(-1)!.text).toBe('Stop it.');
    const [turn] = transcriptOf(call.reading).filter(({ id }) => id === 'reply-2');
    expect(`${turn!.text} ${turn!.unheard}`).toBe(BOTH);
    expect(turn!.cut).toBe(true);
  });

  it('stops for other words', async () => {
    const { call, replier } = talk({ texts: ['Tell me.', 'Okay, but why?'], replies: [BOTH, 'Because.'] });
    await interruptAfter(call, 1_500);
    await finished(call);
    expect(replier.shown.length).toBe(2);
    expect(call.transcript.join(' ')).not.toContain('something more');
  });

  it('stops when the words are not understood', async () => {
    const { call, replier } = talk({
      texts: ['Tell me.', { afterMs: 200, give: new Error('no') }],
      replies: [BOTH],
    });
    await interruptAfter(call, 1_500);
    await finished(call);
    expect(replier.shown.length).toBe(1);
    expect(call.pieces.at(-1)).toBe('<not-understood>');
  });

  it.each([
    ['within', 'Would you like a table for two at eight in the evening? I can see a free one.', 1_500],
    ['after', 'Would you like it? I can see a table for two that is free at eight tonight.', 1_900],
  ])('takes "Yes." %s a question as an answer', async (_, reply, ms) => {
    const { call, replier } = talk({ texts: ['Hello.', 'Yes.'], replies: [reply, 'It is yours.'] });
    await interruptAfter(call, ms);
    await finished(call);
    expect(replier.shown.length).toBe(2);
    expect(call.pieces.at(-1)).toBe('It is yours.');
  });

  it('continues after a cough within a question', async () => {
    const asked = 'Would you like a table for two at eight in the evening?';
    const { call } = talk({ texts: ['Hello.', ''], replies: [asked] });
    await interruptAfter(call, 1_500);
    await finished(call);
    expect(call.transcript[2]).toBe(`Assistant: ${asked}`);
  });

  it('does not continue after a key', async () => {
    const { call, replier } = talk({ texts: ['Tell me.', 'Mm-hm.'], replies: [BOTH, 'You pressed five.'] });
    await interruptAfter(call, 1_500);
    call.call.key('5', call.clock.nowMs);
    await finished(call);
    expect(replier.shown.length).toBe(2);
    expect(call.pieces.at(-1)).toBe('You pressed five.');
    expect(call.pieces.filter((text) => FIRST.endsWith(text)).length).toBe(1);
  });

  it('does not continue when an operator has taken over', async () => {
    const { call } = talk({ texts: ['Tell me.', ''], replies: [BOTH] });
    await interruptAfter(call, 1_500);
    call.call.takeOver(call.clock.nowMs);
    await call.run(3_000);
    call.call.answerers.handBack(call.clock.nowMs);
    await call.run(3_000);
    expect(call.transcript[2]).toMatch(/ —$/u);
  });

  it('continues in the second sentence', async () => {
    const { call } = talk({ texts: ['Tell me.', 'Right.'], replies: [BOTH] });
    await interruptAfter(call, 5_000);
    await finished(call);
    expect(call.transcript[2]).toBe(`Assistant: ${BOTH}`);
    const again = call.pieces.slice(call.pieces.indexOf(SECOND) + 1);
    expect(again.length).toBe(1);
    expect(SECOND.endsWith(again[0]!)).toBe(true);
  });

  it('continues a reply whose text and sound still arrive', async () => {
    const { call, voice } = talk({
      texts: ['Tell me.', 'Mm-hm.'],
      replies: [
        [
          { afterMs: 200, give: `${FIRST} ` },
          { afterMs: 2_200, give: `${SECOND} ` },
          { afterMs: 2_500, give: 'This is the end.' },
        ],
      ],
    });
    await interruptAfter(call, 700);
    await finished(call);
    expect(call.transcript[2]).toBe(`Assistant: ${BOTH} This is the end.`);
    expect(voice.asked.map(({ text }) => text)).toEqual([FIRST, SECOND, 'This is the end.']);
  });

  it('waits for all texts, and for the caller to be silent', async () => {
    const { call } = talk({
      texts: ['Tell me.', { afterMs: 2_000, give: '' }, { afterMs: 200, give: 'Okay.' }],
      replies: [BOTH],
    });
    await interruptAfter(call, 1_500);
    await call.run(1_000);
    await call.callerSays(600);
    await call.run(600);
    expect(call.phone.playing).toBe(false);
    await finished(call);
    expect(call.transcript[2]).toBe(`Assistant: ${BOTH}`);
  });

  it('continues a reply that was synthesised completely long before', async () => {
    const { call, replier } = talk({ texts: ['Tell me.', 'Sure.'], replies: [BOTH] });
    await interruptAfter(call, 3_000);
    const synthesisedMs = call.journal
      .of('answer')
      .findLast(({ answer }) => answer.service === 'speech')!.atMs;
    expect(call.phone.clears[0]! - synthesisedMs).toBeGreaterThan(1_000);
    await finished(call);
    expect(replier.shown.length).toBe(1);
    expect(call.transcript[2]).toBe(`Assistant: ${BOTH}`);
  });

  it('ends the call after a farewell over which the caller said "okay"', async () => {
    const goodbye = 'It was a pleasure to help you today, have a very nice day. Goodbye!';
    const { call } = talk({ texts: ['Thank you, goodbye.', 'Okay.'], replies: [goodbye] });
    await interruptAfter(call, 1_500);
    await call.until(() => call.phone.hangUps.length > 0, 10_000);
    expect(call.transcript[2]).toBe(`Assistant: ${goodbye}`);
    expect(call.call.dialog.hangUpReason).toBe('farewell');
  });

  it.each(['Okay.', ''])('prepares no reply to "%s", and continues after a shorter pause', async (said) => {
    const texts = ['Tell me.', said].map((give) => ({ afterMs: 50, give }));
    const turns = { ...USUAL.turns, pauseMs: 180 };
    const settings = { turns, talk: { eagerReplies: 'reply', language: 'en' } } as const;
    const { call, replier } = talk({ texts, replies: [BOTH] }, { settings });
    await interruptAfter(call, 1_500);
    expect(await call.until(() => call.phone.playing)).toBeLessThanOrEqual(500);
    await finished(call);
    expect(call.journal.of('draft-discarded')).toEqual([]);
    expect(replier.shown.length).toBe(1);
    expect(call.transcript[2]).toBe(`Assistant: ${BOTH}`);
  });

  it('does not repeat a sentence whose voice failed', async () => {
    const { call } = talk({
      texts: ['Tell me.', ''],
      replies: [BOTH],
      voice: { firstMs: 200, failAfterMs: 1_600 },
    });
    await interruptAfter(call, 2_000);
    expect(call.phone.clears.length).toBe(1);
    await finished(call);
    const again = call.pieces.slice(call.pieces.indexOf(SECOND) + 1);
    expect(again.length).toBe(1);
    expect(SECOND.endsWith(again[0]!)).toBe(true);
  });

  it.each([
    ['before', 100],
    ['after', 4_000],
  ])('continues with the words of a voice that rewords, told %s the interruption', async (_, toldAfterMs) => {
    const spoken = 'We open at nine in the morning, and then we close at six in the evening.';
    const clock = { sleep: (_ms: number): Promise<void> => Promise.resolve() };
    const voice: Voice = {
      async *speak() {
        for (let at = 0; at < spoken.length * 60; at += 200) yield new Uint8Array(1_600).fill(0x21);
        await clock.sleep(toldAfterMs);
        yield { spoken };
      },
    };
    const { call } = talk(
      { texts: ['Tell me.', ''], replies: ['We open at 9 a.m. and close at 6 p.m.'] },
      { voice },
    );
    clock.sleep = (ms) => call.clock.sleep(ms);
    await interruptAfter(call, 1_500);
    await finished(call);
    await finished(call);
    const [rest] = call.journal.of('piece').filter(({ continues }) => continues !== undefined);
    const [completed] = call.journal.of('piece-complete').filter(({ piece }) => piece === rest!.piece);
    expect(spoken.endsWith(completed!.text)).toBe(true);
    expect(completed!.text).not.toBe(spoken);
    expect(call.transcript[2]).toMatch(/^Assistant: We open at .*we close at six in the evening\.$/u);
  });

  it('does not continue on another stream', async () => {
    const { call } = talk({ texts: ['Tell me.', ''], replies: [BOTH] });
    await interruptAfter(call, 1_500);
    call.call.streamEnded('closed', call.clock.nowMs);
    await call.run(1_000);
    call.connect();
    await call.run(4_000);
    expect(call.transcript[2]).toMatch(/ —$/u);
    expect(call.pieces.filter((text) => FIRST.endsWith(text)).length).toBe(1);
  });

  it('apologises when the text of the interruption does not come', async () => {
    const { call } = talk({ texts: ['Tell me.', NEVER], replies: [BOTH] });
    await interruptAfter(call, 1_500);
    await call.until(() => call.pieces.at(-1) === '<apology>');
    await call.run(20_000);
    expect(call.pieces.at(-1)).toBe('<still-there>');
    expect(call.pieces.filter((text) => FIRST.endsWith(text)).length).toBe(1);
  });

  it('fills the wait for the rest of the reply within 4 s of a long noise, with both fillers in turn', async () => {
    const later = { afterMs: 20_000, give: SECOND };
    const { call } = talk({
      texts: ['Tell me.', { afterMs: 1_800, give: '' }],
      replies: [[{ afterMs: 200, give: `${FIRST} ` }, later]],
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.heardOut();
    await call.callerSays(2_000);
    const spokenUntilMs = call.clock.nowMs;
    await call.until(() => call.pieces.includes('<filler-1>'));
    expect(call.clock.nowMs - spokenUntilMs).toBeLessThan(4_000);
    await call.until(() => call.pieces.includes(SECOND));
    const fillers = call.pieces.filter((text) => text.startsWith('<filler'));
    expect(fillers.length).toBeGreaterThan(2);
    expect(fillers).toEqual(fillers.map((_, index) => `<filler-${(index % 2) + 1}>`));
  });

  it('says that nothing was understood if the rest of the reply failed during a long noise', async () => {
    const failure = {
      afterMs: 6_000,
      give: new ServiceError('chat', 'writing a reply', { transient: false }),
    };
    const { call } = talk({
      texts: ['Tell me.', { afterMs: 1_800, give: '' }],
      replies: [[{ afterMs: 200, give: `${FIRST} ` }, failure]],
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.until(() => call.phone.playing);
    await call.run(3_400);
    await call.callerSays(2_400);
    await call.until(() => call.pieces.at(-1) === '<not-understood>', 4_000);
  });

  it('asks whether the caller is still there when nothing was left to be heard', async () => {
    const { call } = talk({ texts: ['Tell me.', ''], replies: [FIRST] });
    await interruptAfter(call, FIRST.length * 60 - 480);
    expect(call.phone.clears.length).toBe(1);
    await finished(call);
    expect(call.transcript[2]).toBe(`Assistant: ${FIRST}`);
    await call.run(16_000);
    expect(call.pieces.slice(1)).toEqual([FIRST, '<still-there>']);
  });
});
