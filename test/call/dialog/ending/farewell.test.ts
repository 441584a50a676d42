import { expect, test } from 'vitest';
import { endsInFarewell } from '../../../../src/call/dialog/ending/farewell.ts';

test.each([
  'That is all, thank you, goodbye.',
  'Goodbye, have a nice day!',
  'bye',
  'okay thank you bye bye',
  "That's all, thanks.",
  'Thank you for calling. Have a great day!',
  'You are welcome. Goodbye, and thank you for calling the clinic.',
  'See you on Monday.',
  'Is that all? Okay then, goodbye.',
  'Vielen Dank, auf Wiederhören.',
  'Gern geschehen. Auf Wiederhören und einen schönen Tag noch!',
  'Tschüss!',
  'Alles klar, dann bis morgen.',
  'Merci beaucoup, au revoir.',
  'Je vous souhaite une bonne journée !',
  'Muchas gracias, hasta luego.',
  'Adiós, que tenga un buen día.',
  'Grazie mille, arrivederci.',
  'Bedankt, tot ziens!',
  'Obrigado, tchau.',
  'Dziękuję, do widzenia.',
  'Děkuji, na shledanou.',
  'Спасибо, до свидания.',
  'Tack så mycket, hej då!',
  'Tak, farvel.',
  'Takk, ha det!',
  'Kiitos, näkemiin.',
  'Köszönöm, viszontlátásra.',
  'Teşekkürler, iyi günler dilerim.',
  'ありがとうございました。失礼いたします。',
  '好的，再见。',
  '감사합니다. 안녕히 계세요.',
])('%s is a farewell', (text) => {
  expect(endsInFarewell(text)).toBe(true);
});

test.each([
  '',
  'Hello, I would like to buy a ticket.',
  'How do I say goodbye in German?',
  'How do you say goodbye',
  'Goodbye, or is there anything else?',
  'Before we say goodbye I have a question.',
  'Goodbye was the title of a song that I looked for in your shop last week.',
  'I need it bis morgen.',
  'Ich brauche es bis morgen.',
  'Can you take care of this?',
  'Please take care of this.',
  'Ciao! Come posso aiutarti?',
  'I will be there later today.',
  'пока не знаю',
  'We are open until six.',
  'Buenos días, ¿en qué puedo ayudarle?',
])('%s is no farewell', (text) => {
  expect(endsInFarewell(text)).toBe(false);
});
