import { describe, expect, it } from 'vitest';
import { SpokenText } from '../../../../src/call/dialog/text/spoken-text.ts';

/** The sentences of a text that arrives in pieces of this length. */
function spoken(text: string, pieceLength = 3, language?: string): string[] {
  const reader = new SpokenText(language);
  const sentences: string[] = [];
  for (let at = 0; at < text.length; at += pieceLength)
    sentences.push(...reader.add(text.slice(at, at + pieceLength)));
  return [...sentences, ...reader.flush()];
}

type Case = readonly [source: string, written: string, sentences: readonly string[]];

const MARKDOWN: readonly Case[] = [
  [
    'huggingface/speech-to-speech#338, openclaw/openclaw#10485',
    'Here are your **options**:\n\n1. **Billing** – press *one*\n2. `Support`\n\n### Note\n',
    ['Here are your options:', 'Billing – press one.', 'Support.', 'Note.'],
  ],
  [
    'Mintplex-Labs/anything-llm PR 5560, n4ze3m/page-assist#387',
    'See [our page](https://example.com/a_b?x=1) or call +49 30 1234567. > Thanks \n| a | b |\n|---|---|\n',
    ['See our page or call +49 30 1234567.', 'Thanks a, b.'],
  ],
  [
    'pipecat MarkdownTextFilter: emphasis',
    '__Bold__, ***both***, ~~gone~~ and ==marked== words.',
    ['Bold, both, gone and marked words.'],
  ],
  [
    'pipecat MarkdownTextFilter: code',
    '```python\nprint(1)\n```\nUse `npm start` now.',
    ['print(1)', 'Use npm start now.'],
  ],
  ['citations', 'The result is here. [1][2] See there.', ['The result is here.', 'See there.']],
  ['a break of SSML', 'Hello<break time="1s"/>there.', ['Hello there.']],
  [
    'the star key before a digit, and emphasis',
    'Press *5 to go on. There are *5 apples* left. To end, press *9',
    ['Press *5 to go on.', 'There are 5 apples left.', 'To end, press *9'],
  ],
  ['the star key', 'Press "*", then (*), then the *-key.', ['Press "*", then (*), then the *-key.']],
  ['codes of networks', 'Dial **21*5551234# or *#06#.', ['Dial **21*5551234# or *#06#.']],
  ['addresses in angle brackets', 'Mail <anna1@x.com> today.', ['Mail anna1@x.com today.']],
  ['a fence after words', 'Here: ```js\nfoo()\n``` done.', ['Here: foo()', 'done.']],
  ['a fence before words', 'Use:\n```\nfoo\n``` done.\nBye now.', ['Use: foo', 'done. Bye now.']],
  [
    'a fence of tildes',
    'Type this:\n~~~sh\nnpm start\n~~~\nThank you.',
    ['Type this:', 'npm start', 'Thank you.'],
  ],
  [
    'open-webui discussion 7126: headings',
    '### Example Heading\nHere is a paragraph.',
    ['Example Heading.', 'Here is a paragraph.'],
  ],
  [
    'CommonMark: setext headings and thematic breaks',
    'Our hours\n=========\nMonday to Friday\n---\n* * *\nClosed on Sunday.',
    ['Our hours', 'Monday to Friday', 'Closed on Sunday.'],
  ],
  ['CommonMark: block quotes', '> You are **always**\n>> welcome here.', ['You are always', 'welcome here.']],
  [
    'CommonMark: images, titles, parentheses in addresses',
    '![A map](m.png "Map") and [this](https://a.b/c_(d) "t") and [that][ref].\n\n[ref]: https://x.y\n',
    ['A map and this and that.'],
  ],
  [
    'CommonMark: backslash escapes',
    'Dial 3 \\* 4 or snake\\_case \\#1 now.',
    ['Dial 3 * 4 or snake_case #1 now.'],
  ],
  ['GitHub: task lists', '- [ ] Call back\n- [x] Send the bill\n', ['Call back.', 'Send the bill.']],
  [
    'GitHub: footnotes',
    'We are open[^1] today.\n\n[^1]: Except at noon.\n',
    ['We are open today.', 'Except at noon.'],
  ],
  [
    'GitHub: tables without outer bars',
    'Day | Hours\n--- | ---\nMonday | nine to five\n',
    ['Day, Hours', 'Monday, nine to five'],
  ],
  [
    'lists whose items end with commas',
    '- Billing,\n- Support;\n- or Sales\n\nWhich one?',
    ['Billing.', 'Support.', 'or Sales.', 'Which one?'],
  ],
  [
    'a list in one line',
    'Options: * Billing * Support * Sales',
    ['Options:', 'Billing.', 'Support.', 'Sales.'],
  ],
  [
    'emphasis between Chinese and Japanese letters',
    'これは**重要**です。次は*二番目*です。',
    ['これは重要です。', '次は二番目です。'],
  ],
  [
    'bare addresses',
    'See https://www.example.com/a/b?c=d. Or (http://10.0.0.1:8080/x), www.foo.org, mailto:a@b.de.',
    ['See example.com.', 'Or (10.0.0.1), foo.org, a@b.de.'],
  ],
  [
    'citations of retrieval services',
    'Until six.【4†source】 It is so.[2] Yes \ue200cite\ue202turn0search0\ue201 indeed.',
    ['Until six.', 'It is so.', 'Yes indeed.'],
  ],
  // microsoft/sample-app-aoai-chatGPT: AnswerParser.tsx; deepseek-ai/DeepSeek-R1: README.md; Cohere's prompts for grounded answers
  [
    'citations of Azure, DeepSeek and Command R',
    'Until six [doc1][doc2]. It is so[citation:3]. On <co: 0,2>Monday</co: 0,2> too[1†L5-L8].',
    ['Until six.', 'It is so.', 'On Monday too.'],
  ],
  [
    'names of documents',
    'Until six [source: hours.pdf]. It is so [Source 3](https://a.example/x). Yes.[Quelle: a b, S. 3] Our [source](https://a.example) says so.',
    ['Until six.', 'It is so.', 'Yes. Our source says so.'],
  ],
  [
    'bytes that a tokeniser did not join',
    'We are open.<0x0A>Until<0x20>six, for <0xE2><0x82><0xAC> 5<0xFF>. If a <0x1 or <0',
    ['We are open.', 'Until six, for € 5.', 'If a <0x1 or <0'],
  ],
  [
    'names of tags that a model invents around its answer',
    '<final_answer>\nWe are open.</final_answer>\n<reply_text>Until six.</reply_text> Your <name> is known.',
    ['We are open.', 'Until six.', 'Your name is known.'],
  ],
  [
    'marks of the conversation that the model copies (ddalcu/mlx-serve#119)',
    '[pressed 1] We are open until six —',
    ['We are open until six'],
  ],
];

const HTML: readonly Case[] = [
  [
    'tags',
    '<p>We are <b>open</b>.</p><ul><li>On Monday</li><li>On Tuesday</li></ul><br/>Fine with you?',
    ['We are open.', 'On Monday.', 'On Tuesday.', 'Fine with you?'],
  ],
  [
    'entities',
    'Smith &amp; Sons&nbsp;&mdash; it&#39;s &lt;b&gt;open&lt;/b&gt; &#x1F600; now.',
    ["Smith & Sons — it's open now."],
  ],
  [
    'SSML',
    '<speak>Hello <break time="200ms"/><prosody rate="slow">there</prosody>.</speak>',
    ['Hello there.'],
  ],
  ['control tokens and wrappers of models', '<answer>We are open.<|im_end|></answer></s>', ['We are open.']],
];

const EMOJI: readonly Case[] = [
  ...[
    '😊',
    '👍🏽',
    '---',
    '***',
    '…',
    '"',
    ':)',
    '~~~',
    '👨‍👩‍👧',
    '🇩🇪',
    ':smile:',
    ';-)',
    '❤️',
    '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
    '^_^',
    '¯\\_(ツ)_/¯',
    '\u200b',
    '✅',
  ].map((last): Case => [
    `livekit/agents#3043, moeru-ai/airi#454: ${last}`,
    `Great, see you tomorrow! ${last}`,
    ['Great, see you tomorrow!'],
  ]),
  ['keycaps keep their digits', 'Press 1️⃣ for billing, *️⃣ for more.', ['Press 1 for billing, * for more.']],
  ['emoji inside sentences', 'Sure 😊, we are🎉open 👍🏽.', ['Sure, we are open.']],
  ['emoji between sentences without blanks', 'Sure thing!😊Let me check.', ['Sure thing!', 'Let me check.']],
  ['a smiley at a word', 'See you tomorrow:) Bye for now.', ['See you tomorrow Bye for now.']],
];

const INVISIBLE: readonly Case[] = [
  [
    'zero-width and bidirectional controls',
    'We\u200b are\u202e open\u2066 to\u00adday\u2069.\ufeff',
    ['We are open today.'],
  ],
  ['control characters and lone surrogates', 'We\u0000 are\u0007 open\ud83d today.', ['We are open today.']],
  ['decomposed letters', 'Cafe\u0301 Mu\u0308ller.', ['Café Müller.']],
  ['joiners inside Persian words stay', 'می\u200cخواهم بیایم.', ['می\u200cخواهم بیایم.']],
];

const FORMULAS: readonly Case[] = [
  ['KaTeX: inline delimiters', 'The area is \\(\\pi r^2\\) here.', ['The area is π r^2 here.']],
  [
    'KaTeX: display delimiters',
    'So $$E = mc^2$$ and \\[ x \\leq 3 \\] hold.',
    ['So E = mc^2 and x ≤ 3 hold.'],
  ],
  [
    'TeX: fractions and wrappers',
    'It is $\\frac{1}{2}$ or \\boxed{4 \\times \\text{units}}.',
    ['It is 1/2 or 4 × units.'],
  ],
  ['TeX: roots and dots', '\\(\\sqrt{16} = 4\\), 5 \\cdot 3.', ['√16 = 4, 5 · 3.']],
  ['ECMA-48: colours of a terminal', '\u001b[1;31mWe are\u001b[0m open.', ['We are open.']],
  [
    'ECMA-48: hyperlinks of a terminal',
    'See \u001b]8;;http://x.y\u001b\\our page\u001b]8;;\u001b\\ now.',
    ['See our page now.'],
  ],
  ['hearts', 'Thank you <3 Goodbye </3', ['Thank you Goodbye']],
];

describe('SpokenText', () => {
  it.each(FORMULAS)('speaks formulas and leaves control sequences out: %s', (_source, written, sentences) => {
    expect(spoken(written, 1)).toEqual(sentences);
    expect(spoken(written, 1_000)).toEqual(sentences);
  });

  it.each(MARKDOWN)('does not speak Markdown: %s', (_source, written, sentences) => {
    expect(spoken(written)).toEqual(sentences);
  });

  it.each(HTML)('does not speak HTML: %s', (_source, written, sentences) => {
    expect(spoken(written)).toEqual(sentences);
  });

  it.each(EMOJI)('does not speak pictures and decoration: %s', (_source, written, sentences) => {
    expect(spoken(written)).toEqual(sentences);
  });

  it.each(INVISIBLE)('does not speak invisible characters: %s', (_source, written, sentences) => {
    expect(spoken(written)).toEqual(sentences);
  });

  it.each([
    '3 * 4 is 12, 2*3 is 6, 2 ** 3 is 8.',
    'Use snake_case, C#, a/b and Q&A.',
    '5 > 3, 3 < 5, x <y and a == b.',
    'It is -5 °C, costs € 3.50 or $5, about ~3 % of #1.',
    'Mail john_doe@example.com or call +49 (30) 123-4567.',
    'Press * or #. Dial *67 or *21*49123#.',
    'Il dit « oui » : pourquoi pas ?',
    'Use Q&A, « oui », “so” and more.',
    '¿Qué tal? ¡Muy bien!',
    'Well — maybe – no.',
    'We are open 10:30:00 to 11:00 (see list:).',
    'AT&T; and R&D are List<String> things.',
    'It costs $5, US$ 6 or 7$ in C:\\Users, if 2 <3.',
    'שלום, אני רוצה לשאול על חשבונית 4711?',
    'مرحباً (رقم 12)!',
  ])('keeps the signs that mean something: %s', (text) => {
    expect(spoken(text).join(' ')).toBe(text);
  });

  it('keeps the number of a date at the start of a line', () => {
    expect(spoken('1. Mai ist frei.\n3. Mai auch nicht.', 2, 'de')).toEqual([
      '1. Mai ist frei.',
      '3. Mai auch nicht.',
    ]);
  });

  it('returns nothing for a text that holds nothing to say', () => {
    for (const text of ['', '😊', '---\n***', '…', ' — ', '**', '> ', '| |', '"!?"'])
      expect(spoken(text)).toEqual([]);
  });

  it('returns a sentence as soon as the next one begins, within emphasis, too', () => {
    const reader = new SpokenText();
    expect(reader.add('**We are open. ')).toEqual(['We are open.']);
    expect(reader.add('Bye for now.**')).toEqual([]);
    expect(reader.flush()).toEqual(['Bye for now.']);
  });

  it('adds no full stop to the end of a broken text', () => {
    const reader = new SpokenText();
    reader.add('- Billing, press o');
    expect(reader.flush(true)).toEqual(['Billing, press o']);
  });

  it('holds back a bounded number of characters', () => {
    for (const open of [
      '[',
      '[a',
      '<a b="',
      'https://a.b/',
      '*',
      '`',
      ':',
      '&a',
      '【1',
      '# ',
      '1',
      '\\text{',
      '$x',
      '\u001b]',
      '\\frac{',
    ]) {
      const reader = new SpokenText();
      expect(reader.add(open.repeat(4_000)).length + reader.flush().length).toBeLessThan(200);
    }
  });
});
