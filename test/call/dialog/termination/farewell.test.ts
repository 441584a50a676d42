import { expect, test } from 'vitest';
import { Farewells } from '../../../../src/call/dialog/termination/farewell.ts';

const endsInFarewell = (text: string) => new Farewells().end(text);

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
  'Right, speak soon.',
  'Have a blessed day!',
  "That's everything, thanks.",
  'Okay, I have to go now.',
  "All right, I'll let you go.",
  'Danke, ich leg jetzt auf.',
  'Vale, cuídate.',
  'Grazie, ci sentiamo.',
  'Tamam, kendine iyi bak.',
  'じゃあね。',
  '好，掰掰。',
  '네, 들어가세요.',
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

/** By what prints them. */
test.each([
  // GrammaticalFramework/GF, examples/phrasebook/Greetings*.gf: GGoodbye, GBye, GSeeYouSoon
  ['Persian phrases of GF', ['ممنونم، خداحافظ.', 'خیلی ممنون، به امید دیدار.', 'شب به خیر.']],
  ['Hindi phrases of GF', ['धन्यवाद, फिर मिलेंगे।', 'हम आपसे विदा लेते हैं।']],
  ['Urdu phrases of GF', ['شکریہ، خدا حافظ۔', 'ملتے ہیں۔']],
  ['Bulgarian phrases of GF', ['Благодаря, довиждане.', 'До скоро!', 'Лека нощ.']],
  ['Catalan phrases of GF', ['Gràcies, adéu.', 'A reveure!', 'Fins aviat.']],
  ['Latvian phrases of GF', ['Paldies, visu labu!']],
  ['Thai phrases of GF', ['ขอบคุณค่ะ ลาก่อนค่ะ']],
  [
    'pushtolearn.com, how to say goodbye',
    ['Cảm ơn, tạm biệt!', 'ধন্যবাদ, বিদায়।', 'धन्यवाद, अलविदा।', 'شكرا، مع السلامة.'],
  ],
  ['howtosayguide.com, Indonesian', ['Terima kasih, sampai jumpa.', 'Baik, selamat tinggal.']],
  ['whatocall.com, Swahili', ['Asante, kwaheri.']],
] as const)('farewells as a phrase book has them are recognised: %s', (_source, texts) => {
  expect(texts.filter((text) => !endsInFarewell(text))).toEqual([]);
});

test.each([
  'Ďakujem, dovidenia.',
  'Ďakujem pekne, dopočutia!',
  'Hvala, doviđenja.',
  'Hvala lijepa, ugodan dan!',
  'Hvala, nasvidenje.',
  'Хвала, довиђења.',
  'Mulțumesc, la revedere.',
  'Cảm ơn chị, hẹn gặp lại.',
  'ขอบคุณครับ แล้วพบกันใหม่',
  'Terima kasih, itu saja.',
  'Aitäh, head aega.',
  'Ačiū, viso gero.',
  'Eskerrik asko, agur.',
  'ຂອບໃຈ ລາກ່ອນ',
])('%s is a farewell in a further language', (text) => {
  expect(endsInFarewell(text)).toBe(true);
});

test.each([
  'Bona tarda, vull demanar hora.',
  'नमस्ते, मुझे समय चाहिए।',
  'Selamat pagi, saya ingin bertanya.',
  'سلام، یک سؤال دارم.',
  'Dobar dan, imam pitanje.',
  'สวัสดีครับ ขอสอบถามหน่อย',
  'Xin chào, tôi muốn hỏi.',
])('%s is a greeting', (text) => {
  expect(endsInFarewell(text)).toBe(false);
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
  'I have to go to the bank first.',
  'I have to go through security, is that right?',
  'That is everything I know about the invoice.',
  'We are open until six.',
  'Buenos días, ¿en qué puedo ayudarle?',
])('%s is no farewell', (text) => {
  expect(endsInFarewell(text)).toBe(false);
});
