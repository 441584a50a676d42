import { expect, test } from 'vitest';
import type { ChatPart } from '../../../src/openai/chat/chat-parts.ts';
import { ReplyText } from '../../../src/openai/chat/reply-text.ts';

const text = (words: string): ChatPart => ({ kind: 'text', text: words });
const message = (words: string): ChatPart => ({ kind: 'message', text: words });

test.each([
  ['pieces, then the whole message', [text('We are '), text('open.'), message('We are open.')]],
  [
    'pieces, then the message with other white space',
    [text('We are '), text('open.'), message(' We are open. ')],
  ],
  ['one message', [message('We are open.')]],
  ['messages as pieces', [message('We are '), message('open.')]],
  ['snapshots that grow', [message('We '), message('We are '), message('We are open.')]],
  ['a piece, then a message that continues it', [text('We are '), message('We are open.')]],
])('%s: each word once', (_, parts) => {
  const reply = new ReplyText();
  expect(parts.map((part) => reply.add(part)).join('')).toBe('We are open.');
  expect(reply.soFar).toBe('We are open.');
});
