import { describe, expect, it } from 'vitest';
import { SpokenForm } from '../../../../../src/call/dialog/text/spoken-form/spoken-form.ts';
import { spokenGreeting } from '../../../../../src/call/dialog/greeting-cache.ts';

type Case = readonly [written: string, spoken: string];

/** Put into spoken form for every voice. */
const CODES: Readonly<Record<string, readonly Case[]>> = {
  en: [
    [
      'Please call +1 (415) 555-0132 ext. 5 today.',
      'Please call plus 1, 4 1 5, 5 5 5, 0 1 3 2, extension 5 today.',
    ],
    ['Our number is 212-555-0199.', 'Our number is 2 1 2, 5 5 5, 0 1 9 9.'],
    ['It is 2125550199.', 'It is 2 1 2, 5 5 5, 0 1 9 9.'],
    ['From abroad: +4915123456789.', 'From abroad: plus 4 9, 1 5 1 2, 3 4 5, 6 7 8 9.'],
    ['Ring 020 7946 0958, or 07700900123.', 'Ring 0 2 0, 7 9 4 6, 0 9 5 8, or 0 7 7, 0 0 9, 0 0 1, 2 3.'],
    ['Call 0800 FLOWERS or 1-800-FLOWERS.', 'Call 0 8 0 0, FLOWERS or 1, 8 0 0, FLOWERS.'],
    ['Please call 555-1234 today.', 'Please call 5 5 5, 1 2 3 4 today.'],
    ['Call 911 now, there are 911 people.', 'Call 9 1 1 now, there are 911 people.'],
    [
      'Write to john.smith99@example.co.uk, please.',
      'Write to john dot smith 9 9 at example dot co dot uk, please.',
    ],
    ['It is a_b+c-d@mail.example.com.', 'It is a underscore b plus c dash d at mail dot example dot com.'],
    [
      'See example.com/help-desk (or shop.example.org).',
      'See example dot com slash help dash desk (or shop dot example dot org).',
    ],
    ['Your code is X7K9P2, order AB-12345-XY.', 'Your code is X 7 K 9 P 2, order A B, 1 2 3 4 5, X Y.'],
    [
      'The IBAN is GB29 NWBK 6016 1331 9268 19.',
      'The IBAN is G B, 2 9, N W B K, 6 0 1 6, 1 3 3 1, 9 2 6 8, 1 9.',
    ],
    [
      'Card 4111 1111 1111 1111, ISBN 978-3-16-148410-0.',
      'Card 4 1 1 1, 1 1 1 1, 1 1 1 1, 1 1 1 1, ISBN 9 7 8, 3, 1 6, 1 4 8, 4 1 0, 0.',
    ],
    [
      'Your PIN is 4821, and the order number 123456.',
      'Your PIN is 4 8 2 1, and the order number 1 2 3, 4 5 6.',
    ],
    ['Agent 007, reference 10023400.', 'Agent 0 0 7, reference 1 0 0, 2 3 4, 0 0.'],
    [
      'Visit us at SW1A 1AA, or in Springfield, CA 94105.',
      'Visit us at S W 1 A, 1 A A, or in Springfield, CA 9 4 1 0 5.',
    ],
    ['Version 1.2.3 runs at 192.168.1.10.', 'Version 1 dot 2 dot 3 runs at 192 dot 168 dot 1 dot 10.'],
    [
      'It is 1Z999AA10123456784, 123-45-6789.',
      'It is 1 Z 9 9, 9 A A 1, 0 1 2 3, 4 5 6 7, 8 4, 1 2 3, 4 5, 6 7 8 9.',
    ],
    [
      'It is 415.555.0132, in room 1204, *5 or #4821*.',
      'It is 4 1 5, 5 5 5, 0 1 3 2, in room 1 2 0 4, *5 or #4821*.',
    ],
    ['Flight MH370 is late.', 'Flight M H 3 7 0 is late.'],
  ],
  de: [
    [
      'Rufen Sie 030 12345678 oder 0151/2345678 an.',
      'Rufen Sie 0 3 0, 1 2 3, 4 5 6, 7 8 oder 0 1 5 1, 2 3 4, 5 6 7 8 an.',
    ],
    [
      'Schreiben Sie an max.muster-mann@example.de!',
      'Schreiben Sie an max Punkt muster Bindestrich mann at example Punkt de!',
    ],
    ['Ihre Kundennummer ist 48213.', 'Ihre Kundennummer ist 4 8 2 1 3.'],
    ['Hauptstraße 5, 10115 Berlin.', 'Hauptstraße 5, 1 0 1 1 5 Berlin.'],
    ['Rufen Sie die 112, das sind 112 Leute.', 'Rufen Sie die 1 1 2, das sind 112 Leute.'],
    [
      'Die IBAN ist DE89370400440532013000.',
      'Die IBAN ist D E, 8 9, 3 7 0 4, 0 0 4 4, 0 5 3 2, 0 1 3 0, 0 0.',
    ],
  ],
  es: [
    [
      'Llame al +34 612 345 678 o al 912 345 678.',
      'Llame al más 3 4, 6 1 2, 3 4 5, 6 7 8 o al 9 1 2, 3 4 5, 6 7 8.',
    ],
    ['Escriba a ana_lopez@ejemplo.es.', 'Escriba a ana guion bajo lopez arroba ejemplo punto es.'],
  ],
  fr: [
    ['Appelez le 01 23 45 67 89.', 'Appelez le 0 1, 2 3, 4 5, 6 7, 8 9.'],
    [
      "Écrivez à jean-luc@exemple.fr s'il vous plaît.",
      "Écrivez à jean tiret luc arobase exemple point fr s'il vous plaît.",
    ],
  ],
  it: [
    [
      'Scriva a mario@esempio.it o chiami +39 06 1234567.',
      'Scriva a mario chiocciola esempio punto it o chiami più 3 9, 0 6, 1 2 3, 4 5 6 7.',
    ],
  ],
  fi: [['Soita 09 1234 5678, me@example.fi.', 'Soita 0 9, 1 2 3 4, 5 6 7 8, me@example.fi.']],
};

/** In words for voices that read numbers badly; everything of `CODES` too. */
const NUMBERS: Readonly<Record<string, readonly Case[]>> = {
  en: [
    [
      'It is 50%-60% full, 5 kg - 10 kg heavy.',
      'It is fifty to sixty percent full, five to ten kilograms heavy.',
    ],
    [
      'It fell by -5% to 20°C–25°C.',
      'It fell by minus five percent to twenty to twenty-five degrees Celsius.',
    ],
    ['In March 3 people left, on March 3 we met.', 'In March three people left, on March third we met.'],
    ['It costs $0.125 each.', 'It costs zero point one two five dollars each.'],

    [
      'Your balance is $1,234.50.',
      'Your balance is one thousand two hundred thirty-four dollars and fifty cents.',
    ],
    [
      'It costs € 1.234,50 or 50 EUR.',
      'It costs one thousand two hundred thirty-four euros and fifty cents or fifty euros.',
    ],
    [
      'That is £5m, $3.5 billion or $0.99.',
      'That is five million pounds, three point five billion dollars or ninety-nine cents.',
    ],
    [
      'You owe -$5, £1.01 and CAD 20.',
      'You owe minus five dollars, one pound and one penny and twenty Canadian dollars.',
    ],
    [
      "That is 1,00,000 rupees or CHF 1'234.50.",
      'That is one hundred thousand rupees or one thousand two hundred thirty-four Swiss francs and fifty centimes.',
    ],
    ['On March 3rd, 2026, at 2:30 p.m.', 'On March third, twenty twenty-six, at two thirty p.m.'],
    ['The 3rd of March or 5 May 2009.', 'The third of March or the fifth of May, two thousand nine.'],
    [
      'It is 2026-03-04, 25/12/2026 or 5.6.2026.',
      'It is March fourth, twenty twenty-six, December twenty-fifth, twenty twenty-six or June fifth, twenty twenty-six.',
    ],
    [
      'We open at 9:00, 14:30, 9:05 and 00:15.',
      "We open at nine o'clock, two thirty PM, nine oh five and twelve fifteen AM.",
    ],
    [
      'In 1999 there were 1999 cases in 2005.',
      'In nineteen ninety-nine there were one thousand nine hundred ninety-nine cases in two thousand five.',
    ],
    [
      'Open 9am-5pm, 6-7 p.m., 10:00-12:30.',
      "Open nine am to five pm, six to seven p.m., ten o'clock to twelve thirty.",
    ],
    ['From 9:30-10:00 a.m. in June 2026.', 'From nine thirty to ten a.m. in June twenty twenty-six.'],
    ['The 1st, the 22nd and the 103rd.', 'The first, the twenty-second and the one hundred third.'],
    [
      'It is -5 °C, 20% off, 12.5 km away, 60 mph.',
      'It is minus five degrees Celsius, twenty percent off, twelve point five kilometers away, sixty miles per hour.',
    ],
    ['It takes 3-4 days, 10–20 % more.', 'It takes three to four days, ten to twenty percent more.'],
    [
      'See § 5, No. 7, room 101 or 1204.',
      'See section five, number seven, room one hundred one or one thousand two hundred four.',
    ],
    ['2½ hours, 3.14 and 0.05.', 'Two and a half hours, three point one four and zero point zero five.'],
    [
      'It was 1,234,567 and 12,345.',
      'It was one million two hundred thirty-four thousand five hundred sixty-seven and twelve thousand three hundred forty-five.',
    ],
    [
      'Your PIN is 4821, call 0800 12345.',
      'Your PIN is four eight two one, call zero eight zero zero, one two three four five.',
    ],
  ],
  'en-US': [['On 3/4/2026.', 'On March fourth, twenty twenty-six.']],
  'en-GB': [['On 3/4/2026, 101 people.', 'On April third, twenty twenty-six, one hundred and one people.']],
  de: [
    [
      'Das macht 1.234,50 € oder 1 EUR.',
      'Das macht eintausendzweihundertvierunddreißig Euro fünfzig oder ein Euro.',
    ],
    [
      'Es sind 12,50 Euro, 5 Mio. € und 0,05 €.',
      'Es sind zwölf Euro fünfzig, fünf Millionen Euro und fünf Cent.',
    ],
    [
      'Am Montag, den 3.4.2026 um 14:30 Uhr.',
      'Am Montag, den dritten April zweitausendsechsundzwanzig um vierzehn Uhr dreißig.',
    ],
    [
      'Heute ist der 1. Mai, morgen Samstag, 2. Mai.',
      'Heute ist der erste Mai, morgen Samstag, zweiter Mai.',
    ],
    [
      'Vom 3. bis 5. Mai im 2. Stock, in der 3. Etage.',
      'Vom dritten bis fünften Mai im zweiten Stock, in der dritten Etage.',
    ],
    [
      'Von 10-12 Uhr oder um 8 Uhr 15 und 1:00.',
      'Von zehn bis zwölf Uhr oder um acht Uhr fünfzehn und ein Uhr.',
    ],
    [
      'Bei -3 °C sind 3,5 % in 21 Stunden zu erwarten.',
      'Bei minus drei Grad Celsius sind drei Komma fünf Prozent in einundzwanzig Stunden zu erwarten.',
    ],
    [
      'Im Jahr 1999 nach § 5, Nr. 7.',
      'Im Jahr neunzehnhundertneunundneunzig nach Paragraf fünf, Nummer sieben.',
    ],
    [
      'Bitte am 4.3. kommen, das dauert 2½ Stunden.',
      'Bitte am vierten März kommen, das dauert zweieinhalb Stunden.',
    ],
    ['Zahlbar bis zum 31.12.', 'Zahlbar bis zum einunddreißigsten Dezember.'],
    ['Kommen Sie am 5.', 'Kommen Sie am fünften.'],
    ['Es waren 5.', 'Es waren fünf.'],
    ['Ihre Nummer ist 030 123456.', 'Ihre Nummer ist null drei null, eins zwei drei, vier fünf sechs.'],
  ],
  'de-CH': [["Das macht CHF 1'234.50.", 'Das macht eintausendzweihundertvierunddreißig Franken fünfzig.']],
  es: [
    ['Son 2.000.000 € y 1.500.000 €.', 'Son dos millones de euros y un millón quinientos mil euros.'],

    [
      'La factura es de 1.234,50 €, son 31 euros más.',
      'La factura es de mil doscientos treinta y cuatro euros con cincuenta céntimos, son treinta y un euros más.',
    ],
    [
      'El 3 de marzo de 2026 a las 14:30, no a la 1:05.',
      'El tres de marzo de dos mil veintiséis a las catorce treinta, no a la una cero cinco.',
    ],
    ['El 1.º y la 2ª planta, el n.º 16.', 'El primero y la segunda planta, el número dieciséis.'],
    [
      'El 20 % de 21.000 €, a 25 °C.',
      'El veinte por ciento de veintiún mil euros, a veinticinco grados Celsius.',
    ],
    ['El 3/4/2026 hay 3,5 horas.', 'El tres de abril de dos mil veintiséis hay tres coma cinco horas.'],
  ],
  'es-MX': [
    [
      'Son 1,234.50 y 3.5 en total.',
      'Son mil doscientos treinta y cuatro punto cincuenta y tres punto cinco en total.',
    ],
  ],
  fr: [
    ['Cela fait 1 000 000 € ou 3 000 000 CHF.', "Cela fait un million d'euros ou trois millions de francs."],

    ['La facture est de 1 234,50 €.', 'La facture est de mille deux cent trente-quatre euros cinquante.'],
    [
      'Le 1er mars 2026 à 14h30, le 21 mars à 21 h.',
      'Le premier mars deux mille vingt-six à quatorze heures trente, le vingt et un mars à vingt et une heures.',
    ],
    [
      'Le 2e étage, la 1re fois, 71 personnes.',
      'Le deuxième étage, la première fois, soixante et onze personnes.',
    ],
    [
      "C'est 5 M€ et 80 % de 20 000.",
      "C'est cinq millions d'euros et quatre-vingts pour cent de vingt mille.",
    ],
  ],
  // Its words "an" and "on" are English ones as well.
  'fr-FR': [
    [
      'Cela coûte 12,50 €, soit 1 200 € par an.',
      'Cela coûte douze euros cinquante, soit mille deux cents euros par an.',
    ],
  ],
  'fr-BE': [['Vous avez 75 appels.', 'Vous avez septante-cinq appels.']],
};

/** Other readings are possible, or there is none: as written, with every setting. */
const UNCHANGED: Readonly<Record<string, readonly string[]>> = {
  en: [
    'It costs $1.000 or €1.250.',
    'It is $.50, or 2+2=4.',
    'Between 5% -10 km, or 60%-50%.',
    'Sent 2026-05-06T10:30:00Z.',

    'We meet on 3/4/2026.',
    'We are open 24/7, since 9/11.',
    'The score was 2:1, or 3-4.',
    'Take 1/2 cup.',
    'The pages 10-12.',
    'It is 5,5 or 2.3.4.5.6.',
    'COVID-19, B2B, MP3, 1e6, v2, H2O, GPT-4o, FY2026.',
    '١٢٣ and １２３ and ①.',
    'It is a-5 = x3.',
    'The ratio is 3x4 or 2^8, .5 or 50/50.',
    'Come at 10.30, or 12:30:45.',
    'The 1990s, a 747-800, 7j/7, 5\'10".',
    'Nothing to change here.',
  ],
  de: [
    'Das kostet $1,000 oder 1,250 €.',
    'Wir haben vom 1.-5. Mai und vom 7. - 9. Juni zu.',
    'Der 21. ist frei.',
    'Sie haben 1 Nachricht.',
    'Gewonnen 2:1 gegen 3:2.',
    'Das ist 1.5 schwer.',
  ],
  es: [
    'Tiene 1 factura y 21 días para 200 personas.',
    'Cuesta $5.',
    'Son 1.234 metros.',
    'Hay 5.000.000 personas.',
  ],
  'es-US': ['El 3/4/2026.'],
  fr: ['Vous avez 1 message et 21 appels.', 'Le score est 2:1.'],
  it: ['La fattura è di 1.234,50 € e scade il 3/4/2026 alle 14:30.'],
  ru: ['Счёт на 1 234,50 ₽ до 14:30.'],
};

function inEvery<T>(table: Readonly<Record<string, readonly T[]>>): readonly (readonly [string, T])[] {
  return Object.entries(table).flatMap(([language, cases]) => cases.map((one) => [language, one] as const));
}

describe('SpokenForm', () => {
  it.each(inEvery(CODES))('reads addresses and codes in groups (%s: %s)', (language, [written, spoken]) => {
    expect(new SpokenForm('codes', language).say(written)).toBe(spoken);
  });

  it.each(inEvery(NUMBERS))('puts numbers into words (%s: %s)', (language, [written, spoken]) => {
    expect(new SpokenForm('all', language).say(written)).toBe(spoken);
  });

  it.each(inEvery(UNCHANGED))('leaves what could be read otherwise (%s: %s)', (language, written) => {
    expect(new SpokenForm('codes', language).say(written)).toBe(written);
    expect(new SpokenForm('all', language).say(written)).toBe(written);
  });

  it.each(inEvery(CODES))('changes nothing if it is off (%s: %s)', (language, [written]) => {
    expect(new SpokenForm('off', language).say(written)).toBe(written);
    expect(new SpokenForm(undefined, language).say(written)).toBe(written);
  });

  it.each(inEvery(CODES))('leaves words that are in spoken form (%s: %s)', (language, [, spoken]) => {
    expect(new SpokenForm('codes', language).say(spoken)).toBe(spoken);
  });

  it.each([
    ['en', 'It is 555-0132 555-0132.0'],
    ['de-CH', 'Das ist 555-013231 555-0132'],
    ['en', 'Write to a@b.example+a@b.example'],
    ['en', 'It is 000–0a@b.example'],
  ])('changes nothing of what it said (%s: %s)', (language, written) => {
    const spoken = new SpokenForm('codes', language).say(written);
    expect(new SpokenForm('codes', language).say(spoken)).toBe(spoken);
  });

  it('leaves ordinary numbers to a voice that reads them', () => {
    const written = 'It costs $1,234.50 on March 3rd, 2026 at 2:30 p.m., -5 °C, 12 of 1,234,567.';
    expect(new SpokenForm('codes', 'en').say(written)).toBe(written);
  });

  describe('in a call with several languages', () => {
    it('speaks each sentence in its own', () => {
      const form = new SpokenForm('all', 'en-US');
      expect(form.say('Ihre Rechnung ist über 12,50 € und wird am 3. Mai fällig.')).toBe(
        'Ihre Rechnung ist über zwölf Euro fünfzig und wird am dritten Mai fällig.',
      );
      expect(form.say('Um 14:30!')).toBe('Um vierzehn Uhr dreißig!');
      expect(form.say('You can come at 14:30, 3/4/2026.')).toBe(
        'You can come at two thirty PM, March fourth, twenty twenty-six.',
      );
    });

    it.each(['Die Hard 2 is on.', 'An de 25.', 'On 5.'])(
      'does not take one word for another language (%s)',
      (sentence) => {
        expect(new SpokenForm('all', 'fr').say(sentence)).not.toMatch(/two|five/);
      },
    );

    it('leaves numbers of a sentence whose language it cannot tell', () => {
      expect(new SpokenForm('all', 'en').say('Счёт 25 рублей')).toBe('Счёт 25 рублей');
      expect(new SpokenForm('all', 'en').say('Sono 25 e 14:30 per Lei, grazie.')).toBe(
        'Sono 25 e 14:30 per Lei, grazie.',
      );
    });
  });

  it.each(['x', 'en-abcdefgh-abcdefgh', 'zz-ZZ'])('takes any language (%s)', (language) => {
    expect(
      new SpokenForm('codes', language.length > 1 ? language : undefined).say('Call 030 12345678.'),
    ).toContain('0 3 0, 1 2 3');
  });

  it('speaks the greeting in the same form', () => {
    const talk = { spokenForm: 'codes', language: 'en' } as const;
    const greeting = 'This is 212-555-0199. How can I help?';
    expect(spokenGreeting({ greeting, call: { talk } })).toBe(
      'This is 2 1 2, 5 5 5, 0 1 9 9. How can I help?',
    );
  });
});
