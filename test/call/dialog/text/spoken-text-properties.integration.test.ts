import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SpokenText } from '../../../../src/call/dialog/text/spoken-text.ts';
import { joinSentences } from '../../../../src/call/playback/heard-text.ts';
import { PROPERTY_RUNS } from '../../../support/portions.ts';

const RUNS = { numRuns: PROPERTY_RUNS };

function spoken(pieces: readonly string[], language?: string): string[] {
  const reader = new SpokenText(language);
  const sentences = pieces.flatMap((piece) => reader.add(piece));
  return [...sentences, ...reader.flush()];
}

/** The text in pieces, cut between any two code units. */
function cut(text: string, cuts: readonly number[]): string[] {
  const ends = [...new Set([...cuts.filter((at) => at < text.length), text.length])].sort((a, b) => a - b);
  return ends.map((end, index) => text.slice(index === 0 ? 0 : ends[index - 1], end));
}

const MARKS =
  '. |.|! |? |\n|\n\n| | |**|*|_|`|```|~~|- |1. |2. |# |> ||[|](|https://a.example/b_c)|www.x.org |]|(|)|😊|👍🏽|1️⃣|👨‍👩‍👧| — |…|...|:)|:smile:|' +
  '<b>|</b>|<br>|&amp;|&lt;|<|>|&|Dr.|z. B.|a.m.|3. |今日は|。|สวัสดี|ครับ |e\u0301|\u200b|\u202e|"|[1]|[^1]|[pressed 1]|,|;|:|==|---|***|\\|x|\ud83d|| |<3|\\(|\\)|\\[|\\frac{1}{2}|\\text{|}|{|$|$$|\u001b[1m|\u001b]8;;|\u0007|\\times ';
const WORDS = [
  'We',
  'are',
  'open',
  'until',
  'six',
  '42',
  '3.50',
  'May',
  'Größe',
  'café',
  'snake_case',
  'C#',
  'a/b',
  'Q&A',
  'Dr.',
  'U.S.',
];
const markup = fc
  .array(fc.constantFrom(...MARKS.split('|'), '|', ...WORDS), { maxLength: 40 })
  .map((parts) => parts.join(''));
const language = fc.constantFrom('en', 'de', 'fr', 'ja', 'th', 'ru', undefined);

const sentence = fc
  .tuple(
    fc.array(fc.constantFrom(...WORDS), { minLength: 2, maxLength: 12 }),
    fc.constantFrom('.', '!', '?', '…'),
  )
  .map(([words, end]) => `${words.join(' ')}${end}`);
const paragraph = fc.array(sentence, { minLength: 1, maxLength: 5 }).map((all) => all.join(' '));
const block = fc.oneof(
  paragraph,
  sentence.map((one) => `**${one}** 😊`),
  fc
    .array(sentence, { minLength: 1, maxLength: 4 })
    .map((items) => items.map((one) => `- ${one}`).join('\n')),
  fc
    .array(sentence, { minLength: 1, maxLength: 4 })
    .map((items) => items.map((one, index) => `${index + 1}. ${one}`).join('\n')),
  sentence.map((one) => `## ${one}`),
  fc.tuple(sentence, sentence).map(([a, b]) => `| ${a} | ${b} |\n|---|---|`),
  sentence.map((one) => `[${one}](https://example.com/a_b)`),
);
const document = fc.array(block, { minLength: 1, maxLength: 5 }).map((blocks) => blocks.join('\n\n'));

describe('SpokenText', () => {
  it('gives the same sentences for every division of the stream', () => {
    fc.assert(
      fc.property(markup, fc.array(fc.nat(300), { maxLength: 12 }), language, (text, cuts, tag) => {
        expect(spoken(cut(text, cuts), tag)).toEqual(spoken([text], tag));
        expect(spoken(text.split(''), tag)).toEqual(spoken([text], tag));
      }),
      RUNS,
    );
  });

  it('never gives a sentence that holds nothing to say, or one longer than the limit', () => {
    fc.assert(
      fc.property(markup, language, (text, tag) => {
        for (const one of spoken([text], tag)) {
          expect(one).toMatch(/[\p{L}\p{N}]/u);
          expect(one).not.toMatch(/[\n\u200b\u202e]|^\s|\s$|\p{Emoji_Presentation}/u);
          expect(one.length).toBeLessThanOrEqual(280);
        }
      }),
      RUNS,
    );
  });

  it('loses no letter and no digit of plain sentences', () => {
    fc.assert(
      fc.property(paragraph, language, (text, tag) => {
        expect(joinSentences(spoken([text], tag))).toBe(text);
      }),
      RUNS,
    );
  });

  it('loses no letter and no digit of formatted text, except addresses and list numbers', () => {
    const letters = (text: string): string =>
      text.replace(/\]\([^)]*\)|^\d\. /gmu, '').replace(/[^\p{L}\p{N}]/gu, '');
    fc.assert(
      fc.property(document, (text) => {
        expect(letters(joinSentences(spoken([text])))).toBe(letters(text));
      }),
      RUNS,
    );
  });

  it('changes nothing in its own sentences', () => {
    fc.assert(
      fc.property(document, language, (text, tag) => {
        for (const one of spoken([text], tag)) expect(joinSentences(spoken([one], tag))).toBe(one);
      }),
      RUNS,
    );
  });
});
