import { describe, expect, it } from 'vitest';
import { keywordsOf } from '../../../src/records/text/keywords.ts';

describe('keywords', () => {
  it('are the most frequent words, without stop words', () => {
    const texts = ['It is about the invoice. The Invoice of May.', 'the the the the', 'May is over.'];
    expect(keywordsOf(texts, 'en')).toEqual(['invoice', 'may']);
  });

  it('omit the stop words of the language, and of English', () => {
    const words = keywordsOf(['Ich möchte die Rechnung, bitte, und the Rechnung.'], 'de-AT');
    expect(words[0]).toBe('rechnung');
    expect(words).not.toContain('und');
    expect(words).not.toContain('the');
  });

  it('are at most twelve, and empty for no words; an unknown language has no stop words', () => {
    const many = Array.from({ length: 40 }, (_, i) => `word${String.fromCharCode(97 + (i % 26))}${i}`);
    expect(keywordsOf([many.join(' ')], 'en')).toHaveLength(12);
    expect(keywordsOf([], 'en')).toEqual([]);
    expect(keywordsOf(['', '…', '4'], 'en')).toEqual([]);
    expect(keywordsOf(['saluton amiko'], 'xx')).toEqual(['saluton', 'amiko']);
  });

  it.each([
    // jekyll/classifier-reborn#161, quesurifn/yake-rust#33, INESCTEC/yake#68
    ['zh', '我想查询一下上个月的发票，发票号码是四七一一，付款已经完成了。', ['发票', '号码', '付款']],
    ['ja', '先月の請求書について、支払いと契約を確認したいです。東京の店舗です。', ['契約', '東京', '店舗']],
    ['ko', '지난달 요금 문의 드립니다. 계약 번호는 사칠일일입니다.', ['요금', '문의', '계약']],
    ['zh-TW', '請問訂單的運費是多少？', ['訂單', '運費']],
    ['vi', 'Tôi muốn đặt xe đi sân bay, giá vé là bao nhiêu?', ['xe', 'vé']],
    ['tr', 'Evin su faturası geldi. Ev için su sayacı bozuk.', ['su', 'ev']],
    ['hu', 'A kő és a tó mellett van a ház.', ['kő', 'tó']],
    ['th', 'ผมอยากซื้อยา และขอใบเสร็จค่ายา', ['ยา']],
    ['he', 'אני רוצה להזמין דג וגם יין', ['דג']],
    ['hi', 'मुझे फल और किराया देना है', ['फल', 'किराया']],
    ['ar', 'أريد فحص دم وموعد مع طبيب', ['دم']],
  ])('of %s may have two characters', (language, text, expected) => {
    expect(keywordsOf([text], language)).toEqual(expect.arrayContaining(expected));
  });

  it('of Vietnamese are no pronouns, particles or auxiliaries', () => {
    const texts = [
      'Tôi muốn đặt xe đi sân bay, giá vé là bao nhiêu?',
      'Dạ vâng, anh cần hỏi gì nữa không ạ? Tôi chưa nhận được hóa đơn của tháng này.',
    ];
    const keywords = keywordsOf(texts, 'vi');
    expect(keywords).toEqual(expect.arrayContaining(['xe', 'vé', 'hóa', 'đơn']));
    for (const word of ['tôi', 'muốn', 'anh', 'dạ', 'vâng', 'cần', 'gì', 'không', 'chưa', 'của', 'này', 'ạ'])
      expect(keywords).not.toContain(word);
  });

  it.each([
    ['tr', 'Evin su faturası ve bu ev', ['ve', 'bu']],
    ['hu', 'A kő és a ház', ['és', 'a']],
    ['hi', 'घर का किराया है', ['का', 'है']],
    ['ko', '요금 문의 좀 해 주세요', ['해']],
    ['de', 'Es ist so im Büro, ja', ['es', 'so', 'im', 'ja']],
  ])('of %s omit stop words of two characters', (language, text, omitted) => {
    const words = keywordsOf([text], language);
    for (const word of omitted) expect(words).not.toContain(word);
  });

  it('are found in another language than the setting names', () => {
    expect(keywordsOf(['我想查询上个月的发票'], 'en')).toContain('发票');
    const russian = keywordsOf(['Это счёт за телефон, и это всё.'], 'en');
    expect(russian).toEqual(expect.arrayContaining(['счёт', 'телефон']));
    expect(russian).not.toContain('это');
  });

  it('may be abbreviations of two characters, also if a stop word is spelled alike', () => {
    expect(keywordsOf(['My TV and PC in the EU'], 'en').sort()).toEqual(['eu', 'pc', 'tv']);
    expect(keywordsOf(['Der TV vom Büro'], 'de')).toContain('tv');
    expect(keywordsOf(['Our IT team in the US has 5G and it works for us.'], 'en')).toEqual(
      expect.arrayContaining(['it', 'us', '5g']),
    );
    expect(keywordsOf(['Нужен ТВ в ЕС'], 'ru')).toEqual(expect.arrayContaining(['тв', 'ес']));
    expect(keywordsOf(['It is for us. OK, at 5 PM.'], 'en')).toEqual([]);
    expect(keywordsOf(['GO UP TV NOW'], 'en')).not.toContain('tv');
  });
});
