import { expect, test } from 'vitest';
import { EndOfTurn } from '../../../../src/call/dialog/turn-taking/end-of-turn.ts';
import { SentenceStates } from '../../../../src/call/dialog/turn-taking/sentence-state.ts';

test('a finished sentence ends the turn early, an unfinished one late, another text as usual', () => {
  const endOfTurn = new EndOfTurn(700, new SentenceStates(), 'en');
  expect(endOfTurn.after('I have a question.')).toEqual({ state: 'finished', silenceMs: 350 });
  expect(endOfTurn.after('I have a question about the')).toEqual({ state: 'unfinished', silenceMs: 1_500 });
  expect(endOfTurn.after('I have a question')).toEqual({ state: 'open', silenceMs: 700 });
  expect(endOfTurn.after('')).toEqual({ state: 'open', silenceMs: 700 });
});

test('END_OF_TURN_MS limits both', () => {
  expect(new EndOfTurn(200, new SentenceStates(), 'en').after('Yes.').silenceMs).toBe(200);
  expect(new EndOfTurn(2_000, new SentenceStates(), 'en').after('My number is').silenceMs).toBe(2_000);
});

test('a caller who goes on after finished sentences gets longer pauses, up to the usual ones', () => {
  const endOfTurn = new EndOfTurn(700, new SentenceStates(), 'en');
  const silenceMs = (): number => endOfTurn.after('I have a question.').silenceMs;
  silenceMs();
  endOfTurn.continued(300);
  expect(silenceMs()).toBe(400);
  // The turn was over too early.
  endOfTurn.over(10_000);
  endOfTurn.started(10_500);
  expect(silenceMs()).toBe(600);
  // The usual silence would have ended this turn, too.
  endOfTurn.over(20_000);
  endOfTurn.started(20_800);
  expect(silenceMs()).toBe(600);
  endOfTurn.over(30_000);
  endOfTurn.started(30_690);
  expect(silenceMs()).toBe(700);
});

test('pauses within a sentence change nothing', () => {
  const endOfTurn = new EndOfTurn(700, new SentenceStates(), 'en');
  endOfTurn.after('I have a');
  endOfTurn.continued(1_200);
  expect(endOfTurn.after('I have a question.').silenceMs).toBe(350);
});

test.each([
  // The words leave it open: the model decides.
  ['I have a question about my order', 0.9, 'finished', 350],
  ['I have a question about my order', 0.1, 'unfinished', 1_500],
  ['I have a question about my order', 0.5, 'open', 700],
  // One step at most.
  ['Are you open today?', 0.01, 'open', 700],
  ['Are you open today?', 0.99, 'finished', 350],
  ['My number is', 0.99, 'unfinished', 1_500],
  ['My number is 0987', 0.99, 'unfinished', 1_500],
  // Without a text a model decides nothing.
  ['', 0.99, 'open', 700],
  ['', 0.01, 'open', 700],
] as const)(
  'after "%s" and a probability of %f, the sentence is %s: %i ms',
  (text, probability, state, silenceMs) => {
    const endOfTurn = new EndOfTurn(700, new SentenceStates(), 'en');
    expect(endOfTurn.after(text, probability)).toEqual({ state, silenceMs });
  },
);

test('a model changes nothing beyond the usual limits, whatever END_OF_TURN_MS is', () => {
  for (const usualMs of [200, 700, 2_000])
    for (const text of ['Are you open', 'Are you open?', 'My number is'])
      for (const probability of [0, 0.3, 0.5, 0.7, 1]) {
        const { silenceMs } = new EndOfTurn(usualMs, new SentenceStates(), 'en').after(text, probability);
        expect(silenceMs).toBeGreaterThanOrEqual(Math.min(350, usualMs));
        expect(silenceMs).toBeLessThanOrEqual(Math.max(1_500, usualMs));
      }
});
