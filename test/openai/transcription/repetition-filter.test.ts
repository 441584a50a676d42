import { expect, test } from 'vitest';
import { withoutLoops } from '../../../src/openai/transcription/repetition-filter.ts';

const SENTENCES = 'Please hold the line. Your call is important to us. Somebody will be with you soon. ';

test.each([
  // app-vox/vox PR 381, OpenWhispr/openwhispr PR 552
  ['one sentence', "I don't know. ".repeat(40), "I don't know."],
  // QuentinFuxa/WhisperLiveKit#338
  [
    'a sentence without punctuation',
    'thank you very much for calling '.repeat(28),
    'thank you very much for calling',
  ],
  // amicalhq/amical#154
  ['words without spaces', 'はい'.repeat(200), 'はい'],
  ['words with a comma between them', 'はい、'.repeat(200), 'はい、'],
  ['several sentences', SENTENCES.repeat(4), SENTENCES.trim()],
  // openai/whisper discussion 679, EtienneAb3d/WhisperHallu
  ['a single word', 'okay '.repeat(60), 'okay'],
  ['a syllable', `${'ha'.repeat(50)}`, 'ha'],
  ['a Korean word', '네. '.repeat(30), '네.'],
  ['Chinese', '谢谢大家。'.repeat(25), '谢谢大家。'],
  ['Thai', 'ขอบคุณครับ'.repeat(20), 'ขอบคุณครับ'],
])('a loop of %s is shortened to one', (_what, text, one) => {
  expect(withoutLoops(text)).toBe(one);
});

test('a loop that was cut off in the middle of its phrase has no rest', () => {
  expect(withoutLoops(`${"I don't know what to do. ".repeat(12)}I don't know`)).toBe(
    "I don't know what to do.",
  );
});

test('what was said before and after a loop stays', () => {
  const loop = 'We will be right back. '.repeat(9);
  expect(withoutLoops(`My name is Anna. ${loop}Hello?`)).toBe(
    'My name is Anna. We will be right back. Hello?',
  );
  expect(withoutLoops(`You know. ${"I don't know. ".repeat(20)}`)).toBe("You know. I don't know.");
});

test.each([
  'No, no, no.',
  'No no no no no no, not that one!',
  'Hello? Hello? Hello? Hello?',
  'Can you hear me? Can you hear me? Can you hear me?',
  "I don't know, I don't know, I don't know.",
  'Yes, yes. Bye, bye, bye, bye.',
  'はいはいはいはい、わかりました。',
  'ああああ、そうですか。',
  'Blah blah blah blah.',
  'My number is 0 0 0 0 0 0 0 0 0 0 0 1.',
  'It is 10000000000000.',
  'one two one two one two',
  '',
  '...',
])('%s stays as it was spoken', (text) => {
  expect(withoutLoops(text)).toBe(text);
});

test('a long text without a loop is searched quickly', () => {
  const text = Array.from({ length: 20_000 }, (_, n) => `word${n % 977}`).join(' ');
  expect(withoutLoops(text).length).toBeGreaterThan(3_000);
});
