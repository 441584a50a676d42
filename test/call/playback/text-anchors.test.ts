import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutText, restOfText } from '../../../src/call/playback/heard-text.ts';
import {
  anchorsFrom,
  characterAtSample,
  sampleAtCharacter,
} from '../../../src/call/playback/text-anchors.ts';

const ANCHORS = [
  { character: 10, sample: 1_000 },
  { character: 30, sample: 9_000 },
];
const PLACE = { characters: 40, samples: 10_000, anchors: ANCHORS };

describe('anchors of a text in its audio', () => {
  it('divide it into parts of constant speed', () => {
    expect(
      [0, 500, 1_000, 5_000, 9_000, 9_500, 10_000].map((sample) => characterAtSample(sample, PLACE)),
    ).toEqual([0, 5, 10, 20, 30, 35, 40]);
  });

  it('give the same place in both directions', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), (sample) => {
        expect(sampleAtCharacter(characterAtSample(sample, PLACE), PLACE)).toBeCloseTo(sample, 6);
      }),
    );
  });

  it('are those of the rest from a place on', () => {
    expect(anchorsFrom(ANCHORS, { character: 10, sample: 1_000 })).toEqual([
      { character: 20, sample: 8_000 },
    ]);
    expect(anchorsFrom(ANCHORS, { character: 35, sample: 9_500 })).toEqual([]);
  });

  it('decide which words were heard', () => {
    const text = 'One two. Three four five six seven eight nine ten.';
    const slowStart = [{ character: 9, sample: 20_000 }];
    expect(cutText(text, 19_000, 40_000, 40_000).heard).toBe('One two. Three four five');
    expect(cutText(text, 19_000, 40_000, 40_000, slowStart).heard).toBe('One two.');
    expect(restOfText(text, 20_100, 40_000, 40_000, slowStart)).toMatchObject({
      fromCharacter: 9,
      fromSample: 20_000,
    });
  });
});
