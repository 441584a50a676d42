import { describe, expect, it } from 'vitest';
import { cutText } from '../../../src/call/playback/heard-text.ts';

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
