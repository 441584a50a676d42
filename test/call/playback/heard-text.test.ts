import { describe, expect, it } from 'vitest';
import { SentenceSplitter } from '../../../src/call/dialog/sentence-splitter.ts';
import { cutText } from '../../../src/call/playback/heard-text.ts';

function cutAll(text: string, pieceLength: number): string[] {
  const splitter = new SentenceSplitter();
  const sentences: string[] = [];
  for (let at = 0; at < text.length; at += pieceLength)
    sentences.push(...splitter.add(text.slice(at, at + pieceLength)));
  return [...sentences, ...splitter.flush()];
}

describe('SentenceSplitter', () => {
  it('returns a sentence as soon as the next one starts', () => {
    const splitter = new SentenceSplitter();
    expect(splitter.add('We are open all')).toEqual([]);
    expect(splitter.add(' week.')).toEqual([]);
    expect(splitter.add(' From')).toEqual(['We are open all week.']);
    expect(splitter.flush()).toEqual(['From']);
    expect(splitter.flush()).toEqual([]);
  });

  it('splits the same however the text arrives', () => {
    const text =
      'Of course! Dr. Miller is in at 9.30 on Monday. Shall I ask him? “He knows.” Good, i.e. fine…  Bye';
    const whole = cutAll(text, text.length);
    expect(whole.length).toBeGreaterThan(3);
    for (const length of [1, 2, 3, 7, 20]) expect(cutAll(text, length)).toEqual(whole);
  });

  it('does not stop at abbreviations, numbers or initials', () => {
    expect(cutAll('Please ask Mr. Smith or Mrs. J. Brown. They cost 3.50 euros each. Good.', 4)).toEqual([
      'Please ask Mr. Smith or Mrs. J. Brown.',
      'They cost 3.50 euros each.',
      'Good.',
    ]);
  });

  it('joins a very short sentence with the next one', () => {
    expect(cutAll('Yes. We are open until six. Bye.', 5)).toEqual(['Yes. We are open until six.', 'Bye.']);
  });

  it('does not wait for the end of an endless sentence', () => {
    const endless = Array.from({ length: 200 }, (_, i) => `word${i}`).join(' ');
    const parts = cutAll(endless, 11);
    expect(parts.join(' ')).toBe(endless);
    for (const part of parts) expect(part.length).toBeLessThanOrEqual(280);
    const solid = 'x'.repeat(1_000);
    expect(cutAll(solid, 50).join('')).toBe(solid);
  });

  it('makes every sentence one line', () => {
    expect(cutAll('First line\nSecond\tline.  Third\n\nline.', 3).join(' ')).toBe(
      'First line Second line. Third line.',
    );
  });
});

describe('cutText', () => {
  const TEXT = 'one two three four five';

  it('keeps everything if all but the final silence was heard', () => {
    expect(cutText(TEXT, 7_800, 8_000, 8_000)).toEqual({ heard: TEXT, unheard: '' });
  });

  it('keeps nothing if nothing was heard', () => {
    expect(cutText(TEXT, 0, 8_000, 8_000)).toEqual({ heard: '', unheard: TEXT });
  });

  it('cuts between words, by the share of time heard', () => {
    for (let heard = 0; heard <= 8_000; heard += 100) {
      const cut = cutText(TEXT, heard, 8_000, 8_000);
      expect(`${cut.heard} ${cut.unheard}`.trim()).toBe(TEXT);
      const share = cut.heard.length / TEXT.length;
      expect(Math.abs(share - heard / 8_000)).toBeLessThan(0.16);
    }
  });

  it('assumes a usual speed for speech of unknown length', () => {
    const cut = cutText(TEXT, 4_000, undefined, 4_800);
    expect(cut.heard).toBe('one two');
    expect(cutText('', 100, undefined, 100)).toEqual({ heard: '', unheard: '' });
  });
});
