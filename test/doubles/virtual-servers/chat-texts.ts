import type { Dice } from './dice.ts';

const SENTENCES = [
  'We are open until six.',
  'Your invoice is paid.',
  'Shall I ask a colleague to call you back tomorrow?',
  'Yes.',
  'The office is on the second floor, next to the library.',
];
const DENSE_SENTENCES = [
  '本日の営業時間は午前九時から午後六時までです。',
  '您的发票已经付款，我们明天会给您回电话。',
  '請稍候片刻，我來為您查詢。',
];
/** Texts with words and marks of many kinds. */
const ODD_TEXTS = [
  'Great, see you! 😊',
  '**Billing** – press *one*\n\n| a | b |\n|---|---|\n| five | six |\n',
  'no full stop at the end\n',
  '1. One\n2. Two\n\n---\n',
  'Visit [our page](https://example.com/a?b=c) now. Bye —',
  'It is \\( x^2 + 1 \\) euros.',
  '## Hours\n- Monday\n- Tuesday\n',
  '<b>Six</b> o&#39;clock &amp; later.',
  'Please wait.<|im_end|>',
];
/** Texts in which nothing can be spoken. */
const WORDLESS = ['😊', '---', '\n\n', '…', '👍🏽👍🏽', '***', ' ', ':)', '<|im_end|>'];
/** A tool call in place of words: Llama 3, Hermes, Mistral, OpenAI's own shape. */
const TOOL_CALLS = [
  '{"name": "get_invoice", "parameters": {"number": "4711"}}',
  '{"name": "get_invoice", "arguments": {"number": "4711"}}',
  '[{"name": "get_invoice", "arguments": {"number": "4711"}}]',
  '{"type": "function", "function": {"name": "get_invoice", "arguments": "{}"}}',
  '```json\n{"name": "get_invoice", "arguments": {}}\n```',
  '<tool_call>\n{"name": "get_invoice", "arguments": {}}\n</tool_call>',
];
/** A word that occurs in thoughts and tool calls alone. */
export const PRIVATE_WORDS = /zebra|get_invoice|4711|get invoice/iu;
const THOUGHT = 'The caller wants a zebra. I should be brief.';

export type Thoughts = 'none' | 'tags' | 'unopened' | 'field' | 'tool calls';

export interface ChatText {
  readonly text: string;
  /** Sent in fields of their own. */
  readonly reasoning: string;
  readonly hasWords: boolean;
}

/** A reply as a model writes it. */
export function chatText(dice: Dice, thoughts: Thoughts): ChatText {
  const wordless = dice.chance(0.06);
  const call = thoughts === 'tool calls' && dice.chance(0.5) ? dice.pick(TOOL_CALLS) : '';
  const isCallAlone = call !== '' && dice.chance(0.5);
  const words = wordless ? dice.pick(WORDLESS) : sentences(dice);
  const text = isCallAlone ? call : call === '' ? words : `${words}\n${call}`;
  return {
    text: withThoughts(text, thoughts, dice),
    reasoning: thoughts === 'field' ? THOUGHT : '',
    hasWords: !wordless && !isCallAlone,
  };
}

function sentences(dice: Dice): string {
  if (dice.chance(0.2))
    return Array.from({ length: dice.between(1, 2) }, () => dice.pick(DENSE_SENTENCES)).join('');
  const plain = Array.from({ length: dice.between(1, 4) }, () => dice.pick(SENTENCES)).join(' ');
  return dice.chance(0.3) ? `${plain} ${dice.pick(ODD_TEXTS)}` : plain;
}

function withThoughts(text: string, thoughts: Thoughts, dice: Dice): string {
  if (thoughts === 'tags')
    return dice.pick([
      `<think>\n${THOUGHT}\n</think>\n\n${text}`,
      `<thinking>${THOUGHT}</thinking>${text}`,
      `<|channel|>analysis<|message|>${THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>${text}`,
    ]);
  return thoughts === 'unopened' ? `${THOUGHT}\n</think>\n\n${text}` : text;
}
