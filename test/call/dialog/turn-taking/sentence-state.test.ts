import { describe, expect, test } from 'vitest';
import { SentenceStates } from '../../../../src/call/dialog/turn-taking/sentence-state.ts';

const sentenceState = (text: string, language?: string) => new SentenceStates().of(text, language);

describe('what a caller has said so far', () => {
  test.each([
    ['en', 'I would like to know your opening hours.'],
    ['en', 'Yes.'],
    ['en', 'That is what I was looking for.'],
    ['en', 'What is it about?'],
    ['en', 'Yes, I am.'],
    ['en', 'Yes, it was.'],
    ['en', 'Yes, there is.'],
    ['de', 'Ich möchte das.'],
    ['de', 'Danke, das war das.'],
    ['de', 'Nein, nicht die.'],
    ['de', 'Ja, ich habe.'],
    ['es', 'Sí, quiero.'],
    ['es', 'Sí, hay.'],
    ['es', 'Quiero este.'],
    ['fr', 'Oui, je veux.'],
    ['en', 'My order number is 4711 9926 35.'],
    ['en', 'I was born in 1985.'],
    ['en', 'We are open from 9 to 5.'],
    ['de', 'Wir sind 4.'],
    ['fr', 'Nous sommes 12.'],
    ['de', 'Ich möchte einen Termin vereinbaren.'],
    ['de', 'Können Sie mir das bitte schicken?'],
    ['es', 'Quisiera cambiar mi cita.'],
    ['fr', 'Je voudrais annuler ma commande.'],
    ['ja', '予約を変更したいです。'],
    ['ar', 'أريد تغيير موعدي.'],
  ])('%s: "%s" is finished', (language, text) => {
    expect(sentenceState(text, language)).toBe('finished');
    expect(sentenceState(text, `${language}-XX`)).toBe('finished');
  });

  // Recognisers end fragments with a full stop as well.
  test.each([
    ['en', 'I would like to ask about my.'],
    ['en', 'My number is.'],
    ['en', 'I need to cancel because.'],
    ['en', 'It was delivered on Monday, and'],
    ['en', 'Well, um.'],
    ['en', 'The code is four seven one'],
    ['en', 'The code is four seven one.'],
    ['en', 'My number is 030 456.'],
    ['de', 'Meine Kundennummer lautet 4711.'],
    ['es', 'Mi número es el 912.'],
    ['fr', 'Mon numéro, c’est le 01 42.'],
    ['en', 'I want to change...'],
    ['de', 'Meine Kundennummer ist.'],
    ['de', 'Ich rufe an, weil.'],
    ['de', 'Ich hätte gerne'],
    ['es', 'Llamo porque.'],
    ['es', 'Mi número es.'],
    ['fr', 'Je voudrais.'],
    ['fr', 'Je vous appelle parce que'],
    ['zh', '我的号码是一三八，'],
  ])('%s: "%s" goes on', (language, text) => {
    expect(sentenceState(text, language)).toBe('unfinished');
  });

  test.each(['', ' … ', '?', 'no full stop at the end', 'Hm'])('"%s" may be either', (text) => {
    expect(sentenceState(text, 'en')).toBe('open');
  });

  test('without a known language the words tell it', () => {
    expect(sentenceState('Ich rufe an, weil ich das nicht verstehe und')).toBe('unfinished');
    expect(sentenceState('It is about my order and the')).toBe('unfinished');
    expect(sentenceState('Llamo por el pedido que')).toBe('unfinished');
    // "die" is an article in German only.
    expect(sentenceState('I thought that the plant would die.')).toBe('finished');
    expect(sentenceState('Zażółć gęślą jaźń.')).toBe('finished');
  });
});
