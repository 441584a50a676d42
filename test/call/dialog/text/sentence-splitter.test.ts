import { describe, expect, it } from 'vitest';
import { SentenceSplitter } from '../../../../src/call/dialog/text/sentence-splitter.ts';

function cutAll(text: string, pieceLength: number, language?: string): string[] {
  const splitter = new SentenceSplitter(language);
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

/** The source of a text, the language of the call, and the sentences. */
type Case = readonly [source: string, language: string, sentences: readonly string[]];

const ONE_SENTENCE_EACH: readonly Case[] = [
  [
    'fnl/syntok#28, stanfordnlp/stanza#617',
    'de',
    ['Ihr Termin ist am 3. Mai um 14 Uhr im 2. Stock bei der 1. FC GmbH.', 'Bitte kommen Sie pünktlich.'],
  ],
  [
    'fnl/syntok#28, in a call of another language',
    'en',
    ['Ihr Termin ist am 3. Mai im 2. Stock.', 'Wir freuen uns.'],
  ],
  [
    'jaredrhod/backtalk#31, KittenML/KittenTTS PR 115',
    'en',
    [
      'We open at 9 a.m. sharp in the U.S. office of Acme Inc. downtown.',
      'We close at 5 p.m.',
      'Please call before.',
    ],
  ],
  [
    'NVIDIA/NeMo-Speech.cpp PR 36, DrewThomasson/ebook2audiobook#154',
    'en',
    [
      'J. R. R. Tolkien, Sr. Gómez, d. h. morgen, u. a. Dr.-Ing. Kurz.',
      'It costs 3.50 today.',
      'Version 2.0.1 is out.',
    ],
  ],
  [
    'diasks2/pragmatic_segmenter, German rules',
    'de',
    [
      'Es gibt Vorsichtsmaßnahmen, z. B. ist es sehr empfehlenswert, i. d. R. früh zu kommen.',
      'Am 12. März bzw. 1. April sind Hr. Müller und Fr. Dr. Kurz da.',
      'Wir haben 1.000.000 Euro.',
      'Die Hausnummer ist 5.',
      'Bitte klingeln Sie.',
    ],
  ],
  [
    'diasks2/pragmatic_segmenter, English rules',
    'en',
    [
      'My name is Jonas E. Smith.',
      'Please turn to p. 55.',
      'Were Jane and co. at the party?',
      'They closed the deal with Pitt, Briggs & Co. at noon.',
      'Let us ask Jane and Co. They should know.'.split(' They')[0]!,
      'They should know.',
      'I can see Mt. Fuji from here.',
      'St. Michael’s Church is on 5th St. near the light.',
      'I live in the E.U. How about you?'.split(' How')[0]!,
      'How about you?',
      'I work for the U.S. Government in Virginia.',
      'At 5 a.m. Mr. Smith went to the bank.',
      'She has $100.00 in her bag.',
    ],
  ],
  [
    'French titles',
    'fr',
    ['Vous avez rendez-vous avec M. Dupont et Mme. Petit.', 'Merci de votre appel !', 'Est-ce que ça va ?'],
  ],
  [
    'Spanish titles',
    'es',
    ['La Sra. López y el Sr. Gómez llegan a las 5 p.m. del lunes.', '¿Puede esperar?', '¡Muchas gracias!'],
  ],
  ['Italian titles in lower case', 'it', ["La riceve il dott. Rossi con l'ing. Bianchi.", 'Oggi è aperto.']],
  ['a German street', 'de', ['Wir sind in der Hauptstr. 12 am Goethepl. 3.', 'Bis bald.']],
  [
    'French quotation marks around several sentences',
    'fr',
    ['Il a dit : « Venez demain.', 'Il sera là. »', 'Puis il est parti.'],
  ],
  ['Thai abbreviations', 'th', ['ร้านเปิดเวลา 9.00 น. ถึง 17.00 น. พ.ศ. 2567']],
  ['an abbreviation at the start, in Finnish', 'fi', ['Esim. Helsingissä on lämmin.', 'Tervetuloa meille.']],
  ['an abbreviation at the start, in Danish', 'da', ['Dvs. Vi lukker klokken fem.', 'Velkommen til os.']],
  ['French quotation marks', 'fr', ['Il a dit : « Venez demain. »', 'Puis il est parti.']],
  ['a Czech hour', 'cs', ['Otevíráme v 9 hod. ráno a zavíráme v 17 hod.', 'Děkuji za zavolání.']],
  [
    'Norwegian days',
    'nb',
    ['Vi har åpent man. til fre. kl. 9 til 16, lør. 10 til 14.', 'Takk for at du ringte.'],
  ],
  ['a Polish day', 'pl', ['Zapraszam w pon. o godz. 9 albo w czw. 10 do 17.', 'Dziękuję za telefon.']],
  ['a French hour', 'fr', ['Nous ouvrons à 9 h. du matin.', 'Nous fermons à 18 h.', 'Bonne journée.']],
  [
    'a Spanish abbreviation at the end',
    'es',
    ['La sede está en EE. UU. desde ayer.', 'Estoy en EE. UU.', 'Gracias.'],
  ],
  ['a German month at the end', 'de', ['Wir öffnen am 1. Jan. um 9 Uhr.', 'Das ist am 1. Jan.', 'Danke.']],
  ['Italian titles', 'it', ['Il Sig. Rossi e la Dott.ssa Bianchi sono in ufficio.', 'Grazie mille.']],
  [
    'Dutch titles',
    'nl',
    ['U spreekt met dhr. Jansen en mevr. De Vries, d.w.z. met de balie.', 'Wat kan ik doen?'],
  ],
  ['Portuguese titles', 'pt-BR', ['O Sr. Silva mora na Av. Paulista.', 'Obrigado por ligar.']],
  [
    'Polish abbreviations',
    'pl',
    ['Wizyta jest 3. maja przy ul. Długiej, tzn. w centrum.', 'Proszę zadzwonić.'],
  ],
  [
    'Russian abbreviations',
    'ru',
    [
      'Мы в г. Москва на ул. Ленина, д. 5.',
      'Это было в 2020 г. Мы вас ждём.'.split(' Мы')[0]!,
      'Мы вас ждём.',
    ],
  ],
  ['Chinese full stops', 'zh', ['我们今天营业到六点。', '您想预约几点的时间？', '好的，我帮您登记一下！']],
  ['Japanese full stops', 'ja', ['本日の営業時間は午後六時までです。', '明日はお休みですか？']],
  [
    'Japanese quotation marks',
    'ja',
    ['今日は三度ぐらいです。', '「はい、そうです。」と言った。'.split('と')[0]!, 'と言ったそうです。'],
  ],
  ['a numbered list in one line', 'en', ['We have: 1. Billing 2. Support 3. Sales.', 'Please choose.']],
  ['the Devanagari danda', 'hi', ['हम छह बजे तक खुले हैं।', 'आप कब आना चाहते हैं?']],
  ['the Arabic question mark', 'ar', ['هل تريد حجز موعد غدا؟', 'نحن مفتوحون حتى السادسة.']],
  ['the Urdu full stop', 'ur', ['ہم چھ بجے تک کھلے ہیں۔', 'آپ کب آئیں گے؟']],
  ['the Greek question mark', 'el', ['Πότε θέλετε να έρθετε;', 'Είμαστε ανοιχτά ως τις έξι.']],
  ['the Armenian full stop', 'hy', ['Մենք բաց ենք մինչև վեցը։', 'Շնորհակալություն։']],
];

describe('SentenceSplitter in the languages of the world', () => {
  it.each(ONE_SENTENCE_EACH)('returns each sentence as a whole: %s', (_source, language, sentences) => {
    const blank = language === 'zh' || language === 'ja' ? '' : ' ';
    for (const length of [1, 4, 1_000])
      expect(cutAll(sentences.join(blank), length, language)).toEqual(sentences);
  });

  it('splits Thai, which has no full stops, at blanks', () => {
    const text = 'สวัสดีครับ วันนี้อากาศดีมาก ขอบคุณที่โทรมา วันนี้เราเปิดถึงหกโมงเย็น แล้วพรุ่งนี้ปิด ขอบคุณค่ะ';
    const parts = cutAll(text, 3, 'th');
    expect(parts.length).toBeGreaterThan(2);
    expect(parts[0]).toBe('สวัสดีครับ');
    expect(parts.join(' ')).toBe(text);
  });

  it('splits an endless sentence of a script without blanks at its comma', () => {
    const text = `${'本日は'.repeat(60)}、${'明日は'.repeat(60)}`;
    expect(cutAll(text, 7, 'ja')).toEqual([`${'本日は'.repeat(60)}、`, '明日は'.repeat(60)]);
  });

  it('waits after a full stop until the next word shows whether the sentence goes on', () => {
    const splitter = new SentenceSplitter('de');
    expect(splitter.add('Wir öffnen am 3. ')).toEqual([]);
    expect(splitter.add('Mai bei Nr. ')).toEqual([]);
    expect(splitter.add('7 usw. ')).toEqual([]);
    expect(splitter.add('Bitte')).toEqual([]);
    expect(splitter.add(' ')).toEqual(['Wir öffnen am 3. Mai bei Nr. 7 usw.']);
  });

  it('does not wait after a word that is no abbreviation', () => {
    const splitter = new SentenceSplitter();
    expect(splitter.add('We are open all week. ')).toEqual(['We are open all week.']);
    expect(splitter.add('Shall I call? ')).toEqual(['Shall I call?']);
  });
});
