import { describe, expect, it } from 'vitest';
import { RETRACT } from '../../../src/call/ports.ts';
import { NEVER, talk } from '../scripted-talk.ts';

describe('Assistant in trouble', () => {
  const broken = new Error('the service is down');

  it('says that it did not catch what could not be transcribed', async () => {
    const { call } = talk({ texts: [{ afterMs: 100, give: broken }] });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.heardOut();
    expect(call.pieces.slice(1)).toEqual(['<not-understood>']);
  });

  it('apologises once, and then the answering machine takes over and the recording goes on', async () => {
    const { call } = talk({
      texts: ['One.', 'Two.', 'My message.'],
      replies: [[{ afterMs: 100, give: broken }], [{ afterMs: 100, give: broken }]],
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.heardOut();
    expect(call.pieces.slice(1)).toEqual(['<apology>']);
    await call.callerSays(1_000);
    await call.heardOut();
    expect(call.pieces.slice(2)).toEqual(['<apology-machine>', '']);
    await call.callerSays(1_000);
    await call.heardOut();
    expect(call.pieces.at(-1)).toBe('<machine-more>');
    expect(call.transcript).toContain('Caller: My message.');
  });

  it('forgets a failure when the next reply succeeds', async () => {
    const fails = [{ afterMs: 100, give: broken }];
    const { call } = talk({ texts: ['One.', 'Two.', 'Three.'], replies: [fails, 'A fine answer.', fails] });
    for (let turn = 0; turn < 3; turn += 1) {
      await call.heardOut();
      await call.callerSays(1_000);
    }
    await call.heardOut();
    expect(call.pieces.slice(1)).toEqual(['<apology>', 'A fine answer.', '<apology>']);
  });

  it('does not count words as heard that the voice broke off before, and speaks the next sentence', async () => {
    const { call } = talk({
      texts: ['Tell me.'],
      replies: ['One two three four five six seven eight nine ten eleven twelve. The next sentence.'],
      voice: { firstMs: 200, failAfterMs: 1_000 },
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.heardOut();
    await call.run(1_000);
    const line = call.transcript.at(-1)!;
    expect(line).toMatch(/^Assistant: One two .* — The next —$/u);
    expect(line).not.toContain('twelve');
    expect(call.journal.of('unsaid')).toEqual([]);
  });

  it('asks once to repeat what was long and had no words', async () => {
    const { call } = talk({ texts: ['', '', 'Hello?', ''], replies: ['Yes.'] });
    await call.heardOut();
    for (const ms of [2_000, 2_000, 1_000, 2_000]) {
      await call.callerSays(ms);
      await call.run(5_000);
    }
    expect(call.pieces.slice(1)).toEqual(['<not-understood>', 'Yes.', '<not-understood>']);
  });

  it('takes a short sound without words for a noise', async () => {
    const { call } = talk({ texts: [''] });
    await call.heardOut();
    await call.callerSays(600);
    await call.run(4_000);
    expect(call.pieces.slice(1)).toEqual([]);
  });

  it('plays fillers, and the reply of a model that needs 20 s to load', async () => {
    const { call, replier } = talk({
      texts: ['Hello?'],
      replies: [[{ afterMs: 20_000, give: 'Here I am.' }]],
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.run(26_000);
    expect(call.pieces.at(-1)).toBe('Here I am.');
    expect(replier.shown).toHaveLength(1);
  });

  it('retracts sentences that turn out to be thoughts', async () => {
    const { call } = talk({
      texts: ['When are you open?'],
      replies: [
        [
          { afterMs: 100, give: 'The caller wants to know the hours. ' },
          { afterMs: 150, give: RETRACT },
          { afterMs: 50, give: 'Until six.' },
        ],
      ],
      voice: { firstMs: 300 },
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.heardOut();
    expect(call.pieces.slice(1)).toEqual(['Until six.']);
    expect(call.transcript.at(-1)).toBe('Assistant: Until six.');
  });

  it('cuts thoughts that are being heard', async () => {
    const { call } = talk({
      texts: ['When are you open?'],
      replies: [
        [
          { afterMs: 100, give: 'The caller wants to know the hours of the shop on all days of the week. ' },
          { afterMs: 1_000, give: RETRACT },
          { afterMs: 100, give: 'Until six.' },
        ],
      ],
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.run(6_000);
    expect(call.transcript.at(-1)).toMatch(/^Assistant: The caller.* — Until six\.$/u);
  });

  it('requests no more text of a reply that does not end, and speaks its first 60 sentences', async () => {
    const endless = Array.from({ length: 80 }, (_, n) => ({ afterMs: 10, give: `This is sentence ${n}. ` }));
    const { call } = talk({
      texts: ['Tell me everything.'],
      replies: [[...endless, NEVER]],
      voice: { firstMs: 50, soundMs: () => 400 },
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.run(40_000);
    expect(call.pieces.filter((text) => text.startsWith('This is sentence'))).toHaveLength(60);
    expect(call.pieces).not.toContain('<apology>');
    expect(call.journal.of('answer').find(({ answer }) => answer.service === 'chat')?.answer.error).toBe(
      'cancelled',
    );
  });

  it('gives up on a reply that never comes, with an apology', async () => {
    const { call } = talk({ texts: ['Hello?'], replies: [[NEVER]] });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.run(30_000);
    expect(call.pieces.at(-1)).toBe('<apology>');
    const late = call.journal.of('answer').filter(({ answer }) => answer.failure !== undefined);
    expect(late).toMatchObject([
      { answer: { service: 'chat', failure: { kind: 'service', code: 'timeout' } } },
    ]);
  });

  it('reports a text that never comes when it apologises, once, and asks for it again after the call', async () => {
    const untranscribed: number[] = [];
    const parts = { untranscribed: (turn: number) => void untranscribed.push(turn) };
    const { call } = talk({ texts: [NEVER], replies: [] }, parts);
    await call.heardOut();
    await call.callerSays(1_000);
    await call.until(() => call.pieces.includes('<apology>'));
    const failures = () => call.journal.of('answer').flatMap(({ answer }) => answer.failure ?? []);
    expect(failures()).toMatchObject([{ kind: 'service', code: 'timeout' }]);
    await call.run(30_000);
    expect(failures()).toHaveLength(1);
    expect(untranscribed).toEqual([1]);
  });

  it('reports a reply with nothing to speak before it apologises', async () => {
    const { call } = talk({ texts: ['Hello?'], replies: ['😊'] });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.heardOut();
    expect(call.pieces.at(-1)).toBe('<apology>');
    expect(call.journal.of('answer').flatMap(({ answer }) => answer.failure?.said ?? [])).toEqual([
      'the reply has nothing that can be spoken',
    ]);
  });

  it('ends a sentence whose voice stalls, and speaks the next one within 4 s', async () => {
    const { call, voice } = talk({
      texts: ['Tell me.'],
      replies: ['One two three four five six seven. The next one.'],
      voice: { firstMs: 200, stalls: (text: string) => text.startsWith('One') },
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.until(() => call.phone.playing && call.pieces.includes('The next one.'));
    const [, first, second] = call.phone.heard;
    expect(second!.fromMs - first!.toMs).toBeLessThan(4_000);
    expect(voice.asked.map(({ text }) => text)).toEqual([
      'One two three four five six seven.',
      'The next one.',
    ]);
    expect(call.journal.of('answer').flatMap(({ answer }) => answer.failure?.code ?? [])).toEqual([
      'timeout',
    ]);
  });

  it('reports a voice that never comes as the failed service', async () => {
    const { call } = talk({
      texts: ['Hello?'],
      replies: ['Yes.'],
      voice: { firstMs: 1e9, soundMs: () => 400 },
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.run(30_000);
    expect(call.pieces).toContain('<apology>');
    const failed = call.journal
      .of('answer')
      .flatMap(({ answer }) => (answer.failure ? [answer.service] : []));
    expect(new Set(failed)).toEqual(new Set(['speech']));
  });
});

describe('Assistant on a line that breaks', () => {
  it('answers in the new stream what was asked in the old one', async () => {
    const { call, replier } = talk({
      texts: [{ afterMs: 1_500, give: 'A question.' }],
      replies: ['The answer.'],
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.run(1_000);
    call.call.streamEnded('closed', call.clock.nowMs);
    await call.run(3_000);
    expect(replier.shown).toEqual([]);
    call.connect();
    await call.heardOut();
    expect(call.pieces).toEqual(['Hello.', 'The answer.']);
    expect(call.transcript).toEqual(['Assistant: Hello.', 'Caller: A question.', 'Assistant: The answer.']);
  });

  it('does not greet again, and says that it is there to a caller of a process that died', async () => {
    const history = {
      said: [],
      turns: 3,
      replies: 4,
      pieces: 5,
      keys: 0,
      startedAtMs: 0,
      zeroAtMs: 1_700_000_000_000 - 60_000,
      endMs: 50_000,
      format: 'wav',
    } as const;
    const { call } = talk({}, { history });
    await call.heardOut();
    expect(call.journal.of('ringing')).toEqual([]);
    expect(call.journal.of('piece').map(({ piece, reply, text }) => [piece, reply, text])).toEqual([
      [6, 5, '<still-there>'],
    ]);
    expect(call.journal.of('stream')[0]!.startMs).toBe(60_000);
  });
});
