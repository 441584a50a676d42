import { expect, test } from 'vitest';
import { withoutHallucinations } from '../../../src/openai/transcription/hallucination-filter.ts';

const LOUD_AND_LONG = { soundMs: 3_000, peakDbfs: -15 };
const SHORT = { soundMs: 80, peakDbfs: -30 };
const FAINT = { soundMs: 1_200, peakDbfs: -49 };

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
    expect(withoutHallucinations(text, { soundMs: 300, peakDbfs: -25 })).toBe(text);
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
      peakDbfs: -20,
    }),
  ).toBe('');
});

test.each(['[Music]', '(silence)', '♪♪♪', '...', '[BLANK_AUDIO]', '*coughs*', '<|nospeech|>', ''])(
  'the annotation %s is dropped, however loud',
  (text) => {
    expect(withoutHallucinations(text, LOUD_AND_LONG)).toBe('');
  },
);

test('an annotation next to words stays with them', () => {
  expect(withoutHallucinations(' [door] Hello? ', LOUD_AND_LONG)).toBe('[door] Hello?');
});
