import { describe, expect, it } from 'vitest';
import { keywordsOf } from '../../../src/records/text/keywords.ts';
import type { TranscriptTurn } from '../../../src/records/text/transcript.ts';

const turn = (speaker: TranscriptTurn['speaker'], text: string): TranscriptTurn => ({
  id: 'x',
  speaker,
  kind: 'speech',
  startMs: 0,
  endMs: 1,
  text,
  cut: false,
});

describe('keywords', () => {
  it("are the most frequent words, with the caller's counted twice, without stop words", () => {
    const turns = [
      turn('assistant', 'How can I help you with your delivery, your delivery?'),
      turn('caller', 'It is about the invoice. The Invoice of May.'),
      turn('caller', 'the the the the'),
    ];
    expect(keywordsOf(turns, 'en')).toEqual(['invoice', 'delivery', 'may', 'help']);
  });

  it('omit the stop words of the language, and of English', () => {
    const turns = [turn('caller', 'Ich möchte die Rechnung, bitte, und the Rechnung.')];
    expect(keywordsOf(turns, 'de-AT')[0]).toBe('rechnung');
    expect(keywordsOf(turns, 'de-AT')).not.toContain('und');
    expect(keywordsOf(turns, 'de-AT')).not.toContain('the');
  });

  it('are at most twelve, and empty for keys, for no words and for an unknown language', () => {
    const many = Array.from({ length: 40 }, (_, i) => `word${String.fromCharCode(97 + (i % 26))}${i}`);
    expect(keywordsOf([turn('caller', many.join(' '))], 'en')).toHaveLength(12);
    expect(keywordsOf([{ ...turn('caller', '[pressed 5]'), kind: 'keys' }], 'en')).toEqual([]);
    expect(keywordsOf([turn('caller', 'saluton amiko')], 'xx')).toEqual(['saluton', 'amiko']);
  });
});
