import { beforeAll, describe, expect, test } from 'vitest';
import { loadResampler } from '../../src/audio/resampler.ts';
import { RandomCall } from './random-call.ts';
import { problemsOf } from './random-call-problems.ts';

const { RANDOM_CALLS, RANDOM_FIRST } = process.env;
/** 40, with `npm run test:random` 1,000; `RANDOM_CALLS=20000 npx vitest run …` for a long search. A seed that fails becomes a test of its own. */
const CALLS = Number(RANDOM_CALLS ?? 40);
const FIRST = Number(RANDOM_FIRST ?? 0);
const CALLS_PER_TEST = 100;

beforeAll(loadResampler);

describe('a call whose servers behave at random', () => {
  test.each(Array.from({ length: Math.ceil(CALLS / CALLS_PER_TEST) }, (_, n) => FIRST + n * CALLS_PER_TEST))(
    'has no silence, no unheard word and no unreported failure (seeds from %i)',
    async (from) => {
      const problems: string[] = [];
      for (let seed = from; seed < Math.min(from + CALLS_PER_TEST, FIRST + CALLS); seed += 1) {
        const random = await new RandomCall(seed).play();
        problems.push(...problemsOf(random).map((problem) => `seed ${seed}: ${problem}`));
      }
      expect(problems).toEqual([]);
    },
  );
});
