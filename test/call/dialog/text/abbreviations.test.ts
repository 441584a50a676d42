import { describe, expect, it } from 'vitest';
import { SentenceSplitter } from '../../../../src/call/dialog/text/sentence-splitter.ts';

function split(text: string, pieceLength: number, language: string): string[] {
  const splitter = new SentenceSplitter(language);
  const sentences: string[] = [];
  for (let at = 0; at < text.length; at += pieceLength)
    sentences.push(...splitter.add(text.slice(at, at + pieceLength)));
  return [...sentences, ...splitter.flush()];
}

const SPACY = 'explosion/spaCy, spacy/lang/*/tokenizer_exceptions.py';
const PYSBD = 'nipunsadvilkar/pySBD, tests/lang';
const RELDI = 'clarinsi/reldi-tokeniser, hr.abbrev';
const PYSBD_LISTS = 'nipunsadvilkar/pySBD, pysbd/lang';

/** Where the abbreviations are listed, the language, and the sentences. */
const CASES: readonly (readonly [source: string, language: string, sentences: readonly string[]])[] = [
  [SPACY, 'de', ['Das macht 20 Euro inkl. MwSt. und Versand.', 'Bitte zahlen Sie bar.']],
  [SPACY, 'de', ['Der Preis ist abzgl. Rabatt und zzgl. MwSt.', 'Bitte fragen Sie.']],
  [SPACY, 'de', ['Sie sprechen mit Dr. med. Anna Kurz und Dr. phil. Beck.', 'Worum geht es?']],
  [
    'German Wikipedia, Ludwig XIV.',
    'de',
    ['Ludwig XIV. regierte 72 Jahre.', 'Das Schloss baute Ludwig XIV.', 'Es steht noch.'],
  ],
  [SPACY, 'en', ['She has a Ph.D. in physics.', 'He has a Ph.D.', 'He works here.']],
  [SPACY, 'en', ['Gov. Smith and Sen. Brown called.', 'Messrs. Hall and Co. moved to Pa. in Oct. 2020.']],
  [PYSBD, 'en', ['Please turn to p. 55 now.', 'They closed the deal with Pitt, Briggs & Co. at noon.']],
  ['British monarchs', 'en', ['That was Henry VIII.', 'He had six wives.']],
  [SPACY, 'fr', ['Mlle. Petit et MM. Roche sont là.', 'Rappelez le 3 janv. ou le 4 févr. au matin.']],
  [SPACY, 'fr', ['Le bureau est av. Foch, cf. le plan.', 'Merci de votre appel.']],
  ['French Wikipedia, Louis XIV', 'fr', ['Le château date de Louis XIV.', 'Il est ouvert.']],
  [SPACY, 'es', ['Viva en la Avda. Central, núm. 4, aprox. a las seis.', 'Muchas gracias.']],
  [SPACY, 'es', ['La Srta. Ledesma y el Lic. Pastoriza esperan.', '¿Puede venir?']],
  [PYSBD, 'es', ['Envíe saludos a la Sra. Rescia, p.ej. hoy.', 'Buenos días.']],
  [PYSBD, 'it', ["Sono l'Ing. Mengozzi e chiamo l'Avv. Cassioni.", 'È presente?']],
  [PYSBD, 'it', ['Saluti la Sig.na Manelli e il Dott. Mesini.', 'Arrivederci.']],
  [SPACY, 'it', ['Vedi pag. 3 e art. 5 del contratto, ecc. per il resto.', 'Grazie mille.']],
  [SPACY, 'nl', ['Bel bijv. morgen of ca. om drie uur.', 'Tot straks.']],
  [SPACY, 'nl', ['U betaalt incl. btw aan de B.V. in Utrecht.', 'Dank u wel.']],
  [SPACY, 'nl', ['Dat staat in art. vier, t.a.v. mevr. Jansen.', 'Dank u wel.']],
  [SPACY, 'pt', ['A Sra. Lima está na Av. Paulista, pág. três.', 'Obrigado por ligar.']],
  [SPACY, 'pt', ['O eng. Costa e o Dr. Reis, tel. 123, estão aqui.', 'Até logo.']],
  [SPACY, 'pt', ['Ligue para a Cia. Souza etc. e peça o horário.', 'Obrigada.']],
  [PYSBD_LISTS, 'pl', ['Proszę wziąć np. dowód, tzn. kartę.', 'Dziękuję bardzo.']],
  [PYSBD_LISTS, 'pl', ['Biuro jest przy ul. Długiej, tj. w centrum, ok. godz. dziewiątej.', 'Zapraszamy.']],
  [PYSBD_LISTS, 'pl', ['Firma ABC sp. z o.o. działa od 2020 roku.', 'Zapraszamy.']],
  [PYSBD_LISTS, 'cs', ['Vezměte si např. průkaz, tzn. kartu.', 'Děkuji vám.']],
  [PYSBD_LISTS, 'cs', ['Volá MUDr. Nováková z ul. Dlouhé, č. 5.', 'Prosím čekejte.']],
  [PYSBD_LISTS, 'cs', ['Firma ABC s. r. o. má otevřeno.', 'Děkuji vám.']],
  [SPACY, 'ru', ['Офис на наб. Фонтанки, кв. 5, т.е. рядом.', 'Спасибо за звонок.']],
  [SPACY, 'ru', ['Это стоит 5 тыс. руб. в месяц.', 'Вас устроит?']],
  [SPACY, 'ru', ['Акад. Иванов и проф. Петров ждут.', 'До свидания.']],
  [SPACY, 'sv', ['Ring t.ex. i okt. eller nov. på kvällen.', 'Tack så mycket.']],
  [SPACY, 'sv', ['Dr. Berg är här, dvs. i rum tre, kl. nio.', 'Tack så mycket.']],
  [SPACY, 'sv', ['Vi har öppet mån. till tors. hela dagen.', 'Välkommen hit.']],
  [SPACY, 'da', ['Ring f.eks. i okt. eller alm. om aftenen.', 'Mange tak.']],
  [PYSBD, 'da', ['Han holdt Skt. Hans i byen.', 'Mange tak.']],
  [SPACY, 'da', ['Det koster ca. 30 dkr. om måneden.', 'Mange tak.']],
  [SPACY, 'nb', ['Ring f.eks. dr. Berg, evt. i morgen.', 'Tusen takk.']],
  [SPACY, 'nb', ['Det koster 20 mill. kroner inkl. mva. og frakt.', 'Tusen takk.']],
  [SPACY, 'nb', ['Vi har åpent t.o.m. fredag, dvs. hele uken.', 'Tusen takk.']],
  [SPACY, 'fi', ['Soita esim. maanantaina, vrt. ohje.', 'Kiitos soitosta.']],
  [SPACY, 'fi', ['Hinta on 5 milj. euroa, ts. paljon.', 'Kiitos soitosta.']],
  [SPACY, 'fi', ['Prof. Virtanen ym. tutkijat ovat täällä.', 'Kiitos soitosta.']],
  [SPACY, 'hu', ['Hívja pl. dr. Nagyot, ill. a titkárát.', 'Köszönöm szépen.']],
  [SPACY, 'hu', ['Az ABC Kft. és a DEF Zrt. címe ez.', 'Viszonthallásra.']],
  [SPACY, 'hu', ['Ez kb. öt perc, ún. rövid út.', 'Köszönöm szépen.']],
  [SPACY, 'tr', ['Av. Yılmaz ve Doç. Dr. Kaya burada.', 'Teşekkür ederim.']],
  [SPACY, 'tr', ['Adres Barış Mah. Gül Sok. numara beş.', 'Teşekkür ederim.']],
  [SPACY, 'tr', ['ABC Ltd. Şti. pazartesi açık.', 'Teşekkür ederim.']],
  [PYSBD, 'sk', ['Ide o firmu ABTrade s. r. o. v meste.', 'Ďakujem pekne.']],
  [PYSBD, 'sk', ['Podarilo sa to na 10. pokus, napr. dnes.', 'Ďakujem pekne.']],
  [PYSBD, 'sk', ['Ide o XII. pluk v meste.', 'Zmluva je z 20. marca.']],
  [SPACY, 'sl', ['Pokličite npr. jutri oz. pojutrišnjem.', 'Hvala lepa.']],
  [SPACY, 'sl', ['Podjetje ABC d.o.o. je odprto, t.j. danes.', 'Hvala lepa.']],
  [SPACY, 'sl', ['Vse to, knjige itd. imamo tukaj.', 'Hvala lepa.']],
  [RELDI, 'hr', ['Možete platiti npr. karticom, tj. odmah.', 'Hvala lijepa.']],
  [RELDI, 'hr', ['Tvrtka ABC d.o.o. radi do šest.', 'Hvala lijepa.']],
  [RELDI, 'hr', ['Zovite dr. Horvat, tel. 123, cca. u tri.', 'Hvala lijepa.']],
  [SPACY, 'ro', ['Sunați la dr. Popescu, str. Lungă, nr. 5.', 'Mulțumesc frumos.']],
  [SPACY, 'ro', ['Prof. Ionescu este la univ. din oraș.', 'Mulțumesc frumos.']],
  [SPACY, 'ro', ['Avem cărți, reviste ș.a.m.d. în magazin.', 'Mulțumesc frumos.']],
  [SPACY, 'ca', ['La Sra. Puig i el Dr. Vidal hi són.', 'Moltes gràcies.']],
  [SPACY, 'ca', ['Truqui p.ex. demà, aprox. a les nou.', 'Moltes gràcies.']],
  [SPACY, 'ca', ['Obrim a les 9 a.m. cada dia.', 'Moltes gràcies.']],
  [SPACY, 'uk', ['Ми на вул. Шевченка, пров. Лісовий.', 'Дякую за дзвінок.']],
  [SPACY, 'uk', ['Проф. Коваль і доц. Шевчук чекають.', 'Дякую за дзвінок.']],
  [SPACY, 'uk', ['Школа ім. Франка, обл. центр.', 'Дякую за дзвінок.']],
  [SPACY, 'bg', ['Ние сме на бул. Левски, вх. две.', 'Благодаря ви.']],
  [SPACY, 'bg', ['Инж. Петров и акад. Иванов чакат.', 'Благодаря ви.']],
  [PYSBD, 'bg', ['Цената е 20 лв. на месец, вкл. данък.', 'Благодаря ви.']],
  [SPACY, 'el', ['Είμαστε στη Λεωφ. Κηφισίας, τηλ. 123.', 'Ευχαριστώ πολύ.']],
  [SPACY, 'el', ['Η εταιρεία ABC Α.Ε. είναι ανοιχτή.', 'Ευχαριστώ πολύ.']],
  [SPACY, 'el', ['Μένω στον Αγ. Νικόλαο, δηλ. κοντά.', 'Ευχαριστώ πολύ.']],
];

describe('SentenceSplitter knows the abbreviations of a language', () => {
  it.each(CASES)('%s: %s: %j', (_source, language, sentences) => {
    for (const length of [1, 4, 1_000])
      expect(split(sentences.join(' '), length, language)).toEqual(sentences);
  });

  it('waits after a short word, which may be an unknown abbreviation, until the next letter', () => {
    const splitter = new SentenceSplitter('en');
    expect(splitter.add('Take the 2 qrt. ')).toEqual([]);
    expect(splitter.add('j')).toEqual([]);
    expect(splitter.add('ug. Then come')).toEqual(['Take the 2 qrt. jug.']);
  });
});
