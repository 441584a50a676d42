import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  cutText,
  joinHeard,
  joinSentences,
  restOfText,
  withCutMark,
} from '../../../src/call/playback/heard-text.ts';
import { PROPERTY_RUNS } from '../../support/portions.ts';

describe('cutText', () => {
  const TEXT = 'one two three four five';

  it('keeps everything if all but the final silence was heard', () => {
    expect(cutText(TEXT, 7_800, 8_000, 8_000)).toEqual({ heard: TEXT, unheard: '' });
  });

  it('does not keep the last words of a long response that was cut before them', () => {
    const words = Array.from({ length: 300 }, (_, index) => `word${index}`).join(' ');
    const total = 120 * 8_000;
    const { heard } = cutText(words, total - 3 * 8_000, total, total);
    expect(heard).toMatch(/ word29\d$/u);
    expect(restOfText(words, total - 3 * 8_000, total, total)!.text).toMatch(/^word29\d .* word299$/u);
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

  it.each([
    ['Chinese at 4.5 syllables a second', '您的发票已经付款，我们明天会给您回电话。', 222],
    ['Korean at 5 syllables a second', '오늘영업시간은아침아홉시부터입니다', 200],
    ['a slow English voice', 'The office is on the second floor, next to the library.', 88],
  ])('claims no word of %s that was not heard when the voice broke off', (_, text, characterMs) => {
    const sentSamples = 1_500 * 8;
    const cut = cutText(text, sentSamples, undefined, sentSamples);
    expect(cut.heard.length).toBeLessThanOrEqual(Math.ceil(1_500 / characterMs) + 2);
    expect(cut.unheard).not.toBe('');
  });

  // CrispStrobe/CrispASR#32, m-bain/whisperX PR 1466: text without blanks was one giant word.
  it.each([
    ['Japanese', '本日の営業時間は午前九時から午後六時までで、土曜日は午後三時までとなっております。'],
    ['Chinese', '我们今天的营业时间是上午九点到下午六点，星期六到下午三点。'],
    ['Thai', 'วันนี้เราเปิดทำการตั้งแต่เก้าโมงเช้าถึงหกโมงเย็นและวันเสาร์ถึงบ่ายสามโมง'],
    ['Khmer', 'ថ្ងៃនេះយើងបើកពីម៉ោងប្រាំបួនព្រឹកដល់ម៉ោងប្រាំមួយល្ងាច'],
    // Article 1 of the Universal Declaration of Human Rights, ohchr.org/en/human-rights/universal-declaration
    ['Lao', 'ມະນຸດເກີດມາມີສິດເສລີພາບ ແລະສະເໝີໜ້າກັນໃນທາງກຽດຕິສັກ'],
    ['Burmese', 'လူတိုင်းသည်တူညီလွတ်လပ်သောဂုဏ်သိက္ခာဖြင့်မွေးဖွားလာသူများဖြစ်သည်'],
    ['Tibetan', 'འགྲོ་བ་མིའི་རིགས་རྒྱུད་ཡོངས་ལ་སྐྱེས་ཙམ་ཉིད་ནས་ཆེ་མཐོངས་དང་ཐོབ་ཐང་འདྲ་མཉམ་ཡོད་'],
    ['Javanese', 'ꦱꦧꦼꦤ꧀ꦲꦸꦮꦺꦴꦁꦏꦭꦻꦫꦏꦺꦏꦤ꧀ꦛꦶꦩꦂꦢꦶꦏ'],
    ['Yi', 'ꊿꂷꃅꄿꐨꐥ ꌅꅍꂷꀋꁨꐥꌐ'],
    ['Bopomofo', 'ㄖㄣˊㄖㄣˊㄕㄥㄦˊㄗˋㄧㄡˊㄗㄞˋㄗㄨㄣㄧㄢˊㄏㄜˊㄑㄩㄢˊㄌㄧˋㄕㄤˋㄧㄌㄩˋㄆㄧㄥˊㄉㄥˇ'],
    ['Japanese with a Latin name', 'お電話ありがとうございます。Acme株式会社の営業時間をご案内いたします。'],
  ])('cuts %s within a sentence, by the share of time heard', (_, text) => {
    for (const share of [1 / 3, 2 / 3]) {
      const cut = cutText(text, share * 48_000, 48_000, 48_000);
      expect((cut.heard + cut.unheard).replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      expect(Math.abs(cut.heard.length / text.length - share)).toBeLessThan(0.1);
    }
  });

  it('loses no character, and hears more of a text when more time was heard', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(8_000), fc.nat(8_000), (text, one, other) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)].map((heard) =>
          cutText(text, heard, 8_000, 8_000),
        );
        expect((less!.heard + less!.unheard).replace(/\s/gu, '')).toBe(text.replace(/\s/gu, ''));
        expect(more!.heard.length).toBeGreaterThanOrEqual(less!.heard.length);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });
});

describe('restOfText', () => {
  const TEXT = 'one two three four five';

  it('begins with the word at which the text was cut', () => {
    expect(restOfText(TEXT, 0, 8_000, 8_000)).toEqual({ text: TEXT, fromCharacter: 0, fromSample: 0 });
    expect(restOfText(TEXT, 3_600, 8_000, 8_000)).toEqual({
      text: 'three four five',
      fromCharacter: 8,
      fromSample: 2_783,
    });
    expect(restOfText(TEXT, 7_700, 8_000, 8_000)!.text).toBe('five');
    expect(restOfText(TEXT, 7_800, 8_000, 8_000)).toBeUndefined();
  });

  it('finds the position in speech of unknown length, too', () => {
    const rest = restOfText(TEXT, 6_000, undefined, 7_000)!;
    expect(rest).toEqual({ text: 'three four five', fromCharacter: 8, fromSample: 5_760 });
  });

  it('never begins after what was heard, and continues what cutText keeps', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(7_700), fc.boolean(), (text, heard, isComplete) => {
        const total = isComplete ? 8_000 : undefined;
        const rest = restOfText(text, heard, total, 8_000)!;
        expect(text.trim().endsWith(rest.text)).toBe(true);
        expect(rest.fromSample).toBeLessThanOrEqual(heard + 1);
        const cut = cutText(text, heard, total, 8_000);
        expect(cut.heard.length + rest.text.length).toBeGreaterThanOrEqual(text.trim().length - 1);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });
});

describe('joinSentences', () => {
  it.each([
    [['We are open.', 'Until six.'], 'We are open. Until six.'],
    [['営業しております。', '六時までです。'], '営業しております。六時までです。'],
    [['我们开门。', '到六点。'], '我们开门。到六点。'],
    [['เราเปิด', 'ถึงหกโมง'], 'เราเปิด ถึงหกโมง'],
    [['한국어 문장입니다.', '다음 문장입니다.'], '한국어 문장입니다. 다음 문장입니다.'],
    [['', 'Only one.', ''], 'Only one.'],
  ])('joins %j as the script wants it', (sentences, joined) => {
    expect(joinSentences(sentences)).toBe(joined);
  });
});

describe('joinHeard', () => {
  const whole = (text: string) => ({ heard: text, unheard: '' });

  it('marks a gap within a reply, and leaves the end to the caller of this function', () => {
    expect(joinHeard([{ heard: 'We are', unheard: 'open.' }, whole('Until six.')])).toEqual({
      heard: 'We are — Until six.',
      unheard: 'open.',
    });
    expect(joinHeard([whole('We are open.'), { heard: 'Until', unheard: 'six.' }])).toEqual({
      heard: 'We are open. Until',
      unheard: 'six.',
    });
    expect(joinHeard([whole('We are open.'), { heard: '', unheard: 'Until six.' }]).heard).toBe(
      'We are open.',
    );
  });

  it('has no mark for nothing', () => {
    expect(withCutMark('')).toBe('');
    expect(withCutMark('We are')).toBe('We are —');
  });

  describe('of pieces that were continued', () => {
    const TEXT = 'We are open until six.';
    const piece = (number: number, text: string, heard: string, continues?: number) => ({
      piece: number,
      text,
      continues,
      heard,
      unheard: text.slice(heard.length).trim(),
    });

    it('has the repeated words once, and no mark', () => {
      const pieces = [piece(1, TEXT, 'We are open'), piece(2, 'open until six.', 'open until six.', 1)];
      expect(joinHeard(pieces)).toEqual({ heard: TEXT, unheard: '' });
    });

    it('takes a chain of them', () => {
      const pieces = [
        piece(1, TEXT, 'We are'),
        piece(2, 'are open until six.', 'are open', 1),
        piece(3, 'until six.', 'until', 2),
      ];
      expect(joinHeard(pieces)).toEqual({ heard: 'We are open until', unheard: 'six.' });
    });

    it('has the words of the first piece if nothing of the others was heard', () => {
      const pieces = [piece(1, TEXT, 'We are'), piece(2, 'are open until six.', '', 1)];
      expect(joinHeard(pieces)).toEqual({ heard: 'We are', unheard: 'open until six.' });
      expect(joinHeard([piece(1, TEXT, ''), piece(2, TEXT, '', 1), piece(3, TEXT, '', 2)])).toEqual({
        heard: '',
        unheard: TEXT,
      });
    });

    it('keeps the order of several sentences', () => {
      const pieces = [
        piece(1, TEXT, 'We are'),
        piece(2, 'Then we close.', ''),
        piece(3, 'are open until six.', 'are open', 1),
        piece(4, 'Then we close.', '', 2),
      ];
      expect(joinHeard(pieces)).toEqual({ heard: 'We are open', unheard: 'until six. Then we close.' });
      const later = [...pieces.slice(0, 2), piece(3, 'are open until six.', 'are open until six.', 1)];
      expect(joinHeard([...later, piece(4, 'Then we close.', 'Then we', 2)])).toEqual({
        heard: `${TEXT} Then we`,
        unheard: 'close.',
      });
    });

    it('joins what was heard if the voice spoke other words', () => {
      const pieces = [piece(1, 'Open at 9 a.m.', 'Open at'), piece(2, 'nine in the morning.', 'nine in', 1)];
      expect(joinHeard(pieces)).toEqual({ heard: 'Open at nine in', unheard: 'the morning.' });
    });

    it('leaves a piece whose beginning is not there as it is', () => {
      expect(joinHeard([piece(2, 'until six.', 'until six.', 1)])).toEqual({
        heard: 'until six.',
        unheard: '',
      });
    });
  });
});
