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

  it.each([
    // jekyll/classifier-reborn#161, quesurifn/yake-rust#33, INESCTEC/yake#68
    ['zh', '我想查询一下上个月的发票，发票号码是四七一一，付款已经完成了。', ['发票', '号码', '付款']],
    ['ja', '先月の請求書について、支払いと契約を確認したいです。東京の店舗です。', ['契約', '東京', '店舗']],
    ['ko', '지난달 요금 문의 드립니다. 계약 번호는 사칠일일입니다.', ['요금', '문의', '계약']],
    ['zh-TW', '請問訂單的運費是多少？', ['訂單', '運費']],
  ])('of %s may have two signs', (language, text, expected) => {
    expect(keywordsOf([turn('caller', text)], language)).toEqual(expect.arrayContaining(expected));
  });

  it('may be abbreviations of two capitals, unless all is in capitals', () => {
    expect(keywordsOf([turn('caller', 'My TV and PC in the EU')], 'en').sort()).toEqual(['eu', 'pc', 'tv']);
    expect(keywordsOf([turn('caller', 'Der TV vom Büro')], 'de')).toContain('tv');
    expect(keywordsOf([turn('caller', 'GO UP TV NOW')], 'en')).not.toContain('tv');
  });
});
