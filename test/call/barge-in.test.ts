import { describe, expect, it } from 'vitest';
import { talk } from './scripted-talk.ts';

describe('Interrupted assistant', () => {
  const LONG =
    'One two three four five six seven eight nine ten eleven twelve. And then there is more to say.';

  it('clears the line with a fence at a barge-in, and remembers only what was heard', async () => {
    const { call, replier } = talk({ texts: ['Tell me.', 'Stop.'], replies: [LONG, 'Very well.'] });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.until(() => call.phone.playing);
    await call.run(1_500);
    const spokeAtMs = call.clock.nowMs;
    await call.callerSays(800);
    const [clear] = call.phone.clears;
    expect(clear! - spokeAtMs).toBeGreaterThanOrEqual(400);
    expect(clear! - spokeAtMs).toBeLessThanOrEqual(480);
    await call.heardOut();
    const heard = replier.shown[1]!.at(-2)!;
    expect(heard.text).toMatch(/^One two three .* —$/u);
    expect(heard.text).not.toContain('twelve');
    expect(replier.shown[1]!.at(-1)).toEqual({ speaker: 'caller', text: 'Stop.' });
    expect(call.transcript[2]).toBe(`Assistant: ${heard.text}`);
    const cut = call.reading.pieces.find((piece) => piece.text.startsWith('One'))!;
    expect(Math.abs(cut.endMs! - (clear! - call.clock.nowMs + call.nowMs))).toBeLessThanOrEqual(40);
  });

  it('keeps sentences that were never spoken in the journal only', async () => {
    const { call } = talk({ texts: ['Tell me.', 'Stop.'], replies: [LONG, 'Very well.'] });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.until(() => call.phone.playing);
    await call.callerSays(800);
    await call.heardOut();
    expect(call.transcript.join(' ')).not.toContain('more to say');
    const kept = [...call.journal.of('unsaid').map((one) => one.text), ...call.pieces].join(' ');
    expect(kept).toContain('And then there is more to say.');
  });

  it('does not stop for a short word, does not answer it, and remembers it', async () => {
    const { call, replier } = talk({
      texts: ['Tell me.', 'Mhm.', 'And now?'],
      replies: [LONG, 'Nothing.'],
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.until(() => call.phone.playing);
    await call.callerSays(240);
    await call.until(() => !call.phone.playing);
    expect(call.phone.clears).toEqual([]);
    await call.run(3_000);
    expect(replier.shown.length).toBe(1);
    await call.callerSays(1_000);
    await call.heardOut();
    expect(replier.shown[1]!.map(({ text }) => text)).toContain('Mhm.');
  });

  it.each(['No.', 'Stop!', 'Wait.'])(
    'stops for "%s", which is as short, when its text is known',
    async (said) => {
      const { call, replier } = talk({ texts: ['Tell me.', said], replies: [LONG, 'Very well.'] });
      await call.heardOut();
      await call.callerSays(1_000);
      await call.until(() => call.phone.playing);
      await call.run(1_000);
      await call.callerSays(140);
      await call.run(1_200);
      expect(call.phone.clears.length).toBe(1);
      await call.heardOut();
      expect(replier.shown[1]!.at(-1)!.text).toBe(said);
      expect(call.pieces.at(-1)).toBe('Very well.');
      expect(call.transcript[2]).toMatch(/^Assistant: One two .* —$/u);
    },
  );

  it('takes a short "Yes." over a question as an answer, and not over a statement', async () => {
    const shown = async (reply: string): Promise<number> => {
      const { call, replier } = talk({ texts: ['Hello.', 'Yes.'], replies: [reply, 'It is yours.'] });
      await call.heardOut();
      await call.callerSays(1_000);
      await call.until(() => call.phone.playing);
      await call.run(reply.length * 60 - 1_500);
      await call.callerSays(140);
      await call.run(5_000);
      return replier.shown.length;
    };
    expect(await shown('Would you like a table for two at eight?')).toBe(2);
    expect(await shown('There is a table for two at eight.')).toBe(1);
  });

  it('still answers if a short word over a filler stopped the pending reply', async () => {
    const { call, replier } = talk({
      texts: ['A question.', 'Okay.'],
      replies: [[{ afterMs: 6_000, give: 'Too late to be heard.' }], 'Here is the answer.'],
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.until(() => call.phone.playing);
    await call.callerSays(240);
    await call.until(() => call.reading.turns.length === 2);
    // Known while the filler was still to be heard: otherwise it is a turn like any other.
    expect(call.phone.playing).toBe(true);
    await call.run(6_000);
    expect(replier.shown.length).toBe(2);
    expect(call.pieces).toContain('Here is the answer.');
    expect(call.pieces).not.toContain('Too late to be heard.');
  });

  it('does not speak over a caller who speaks between two sentences, and answers the caller instead', async () => {
    const { call } = talk({
      texts: ['Tell me.', 'Wait.'],
      replies: [
        [
          { afterMs: 100, give: 'The first one. ' },
          { afterMs: 3_500, give: 'The second one.' },
        ],
        'I wait.',
      ],
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.heardOut();
    await call.run(200);
    await call.callerSays(900);
    await call.run(9_000);
    expect(call.pieces.slice(1)).toEqual(['The first one.', 'I wait.']);
  });

  it('can be interrupted in its greeting', async () => {
    const { call } = talk(
      { texts: ['Hello?'], replies: ['Yes.'] },
      {
        greeter: {
          ready: () => ({
            text: 'A very long greeting with many words.',
            mulaw: new Uint8Array(48_000).fill(0x22),
          }),
        },
      },
    );
    await call.run(1_000);
    await call.callerSays(600);
    expect(call.phone.clears.length).toBe(1);
    await call.heardOut();
    expect(call.transcript[0]).toMatch(/^Assistant: A very( \w+)* —$/u);
  });
});
