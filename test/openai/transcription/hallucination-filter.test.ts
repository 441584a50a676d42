import { expect, test } from 'vitest';
import { withoutHallucinations } from '../../../src/openai/transcription/hallucination-filter.ts';

const LOUD_AND_LONG = { soundMs: 3_000, loudMs: 2_400, peakDbfs: -15 };
const SHORT = { soundMs: 80, loudMs: 80, peakDbfs: -30 };
const FAINT = { soundMs: 1_200, loudMs: 0, peakDbfs: -49 };
/** A bump of 200 ms on a line with audible noise. */
const BUMP = { soundMs: 700, loudMs: 200, peakDbfs: -28 };

const INVENTED = [
  'Thank you.',
  'you',
  'Thanks for watching!',
  'Thank you so much for watching.',
  'Please subscribe to my channel',
  "Don't forget to like and subscribe!",
  'Subtitles by the Amara.org community',
  'Untertitel der Amara.org-Community',
  'Untertitelung des ZDF, 2020',
  "Sous-titres réalisés par la communauté d'Amara.org",
  'Vielen Dank.',
  'ご視聴ありがとうございました',
  'Продолжение следует...',
];

test.each(INVENTED)('%s is dropped if there was almost no speech', (text) => {
  expect(withoutHallucinations(text, SHORT)).toBe('');
  expect(withoutHallucinations(text, FAINT)).toBe('');
});

test.each([...INVENTED, 'My number is 030 1234567.', 'Ja.', 'We were on vacation, thank you for asking.'])(
  '%s is kept if the speech was loud and long',
  (text) => {
    expect(withoutHallucinations(text, LOUD_AND_LONG)).toBe(text);
  },
);

test.each(['Thank you.', 'Bye.', 'Yes.', 'Danke.', 'No', '7'])(
  'a short %s that was really spoken is kept',
  (text) => {
    expect(withoutHallucinations(text, { soundMs: 300, loudMs: 260, peakDbfs: -25 })).toBe(text);
  },
);

test('quiet speech is kept if its words are unusual', () => {
  expect(withoutHallucinations('I would like to speak with Anna.', FAINT)).toBe(
    'I would like to speak with Anna.',
  );
});

test('more words than the time allows are dropped', () => {
  expect(
    withoutHallucinations('We will see you in the next video with more about it.', {
      soundMs: 300,
      loudMs: 280,
      peakDbfs: -20,
    }),
  ).toBe('');
});

test.each(['[Music]', '(silence)', '♪♪♪', '...', '[BLANK_AUDIO]', '*coughs*', '<|nospeech|>', '<noise>', ''])(
  'the annotation %s is dropped, however loud',
  (text) => {
    expect(withoutHallucinations(text, LOUD_AND_LONG)).toBe('');
  },
);

test('an annotation next to words stays with them', () => {
  expect(withoutHallucinations(' [door] Hello? ', LOUD_AND_LONG)).toBe('[door] Hello?');
});

test.each([
  // PocketShell-io/pocketshell#452, VocaHQ/vocalinux PR 334
  '시청해주셔서 감사합니다!',
  'See you next time!',
  'MBC 뉴스 이덕영입니다.',
  "Sous-titrage ST' 501",
  // JSchmie/ScrAIbe, scraibe/hallucinations.py
  'Ondertitels ingediend door de Amara.org gemeenschap',
  'Copyright WDR 2021',
  'SWR 2020',
  'Untertitel von Stephanie Geiges',
  '❤️ par SousTitreur.com',
  'Sottotitoli e revisione a cura di QTSS',
  'Subtítulos realizados por la comunidad de Amara.org',
  'Legendas pela comunidade Amara.org',
  'Napisy stworzone przez społeczność Amara.org',
  'Редактор субтитров А.Семкин Корректор А.Егорова',
  'Субтитры сделал DimaTorzok',
  '字幕由Amara.org社区提供',
  'Undertexter från Amara.org-gemenskapen',
  'TV GELDERLAND 2021',
  // Other names and languages of the same kinds
  'KBS 뉴스 김철수입니다.',
  '구독과 좋아요 부탁드립니다!',
  '다음 영상에서 만나요.',
  'チャンネル登録をお願いいたします',
  "Merci d'avoir regardé cette vidéo !",
  'Sous-titrage Société Radio-Canada',
  "I'll see you in the next video.",
  'Vielen Dank fürs Zuschauen.',
  'Gracias por ver el video.',
  'İzlediğiniz için teşekkür ederim.',
  'ترجمة نانسي قنقر',
  '感谢观看',
  // Vexa-ai/vexa#619, amicalhq/amical#71
  'おやすみなさい',
  '最後までご視聴頂き有難う御座いました',
  // Lists of such phrases in the source of several public projects that drop them
  'Subs by www.zeoranger.co.uk',
  'Hvala što pratite kanal.',
  'Хвала што пратите канал.',
  'Ευχαριστώ που παρακολουθήσατε.',
  'תודה שצפיתם',
  'Terima kasih kerana menonton!',
  'Tack för att ni tittade.',
  'Textning Stina Hedin www.btistudios.com',
  'شكراً للمشاهدة',
  'Спасибо за внимание!',
  'Musik Musik Musik',
])('%s is dropped after a bump', (text) => {
  expect(withoutHallucinations(text, BUMP)).toBe('');
  expect(withoutHallucinations(text, LOUD_AND_LONG)).toBe(text);
});

test.each([
  'See you next time!',
  'Bis zum nächsten Mal!',
  'À la prochaine !',
  'Alla prossima!',
  'I have a question about subtitles.',
  'The transcript is missing.',
  'Danke fürs Warten.',
  'Untertitel?',
  'The news, please.',
  'Music lessons, please.',
  'Hvala.',
  'Tack för hjälpen.',
])('%s is kept if it was really spoken', (text) => {
  expect(withoutHallucinations(text, { soundMs: 900, loudMs: 700, peakDbfs: -25 })).toBe(text);
});

test('a phrase repeated over music is kept once, and credits not at all', () => {
  const music = { soundMs: 30_000, loudMs: 30_000, peakDbfs: -12 };
  expect(withoutHallucinations("I don't know. ".repeat(40), music)).toBe("I don't know.");
  expect(withoutHallucinations('Thanks for watching! '.repeat(12), music)).toBe('');
  expect(withoutHallucinations('시청해주셔서 감사합니다. '.repeat(8), music)).toBe('');
});
