import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConversationTurn } from '../../../src/call/ports.ts';
import { chatMessages, lengthOf } from '../../../src/openai/chat/chat-messages.ts';

const turn = (speaker: ConversationTurn['speaker'], text: string): ConversationTurn => ({ speaker, text });

function messages(
  conversation: readonly ConversationTurn[],
  options: Partial<Parameters<typeof chatMessages>[0]> = {},
) {
  return chatMessages({
    instructions: 'Be kind.',
    conversation,
    roles: 'any',
    maxCharacters: Infinity,
    ...options,
  });
}

describe('chatMessages', () => {
  test('quotes the greeting in the instructions and joins the turns of one party', () => {
    const conversation = [
      turn('assistant', 'Hello.'),
      turn('caller', 'When are'),
      turn('caller', 'you open?'),
      turn('assistant', 'Daily until —'),
      turn('operator', 'Six.'),
      turn('caller', '[pressed 1]'),
    ];
    expect(messages(conversation)).toEqual([
      { role: 'system', content: 'Be kind.\n\nYou have already said to the caller: “Hello.”' },
      { role: 'user', content: 'When are\nyou open?' },
      { role: 'assistant', content: 'Daily until\nSix.' },
      { role: 'user', content: '[pressed 1]' },
    ]);
  });

  test('puts the instructions before the first words of the caller where there is no system role', () => {
    expect(messages([turn('caller', 'Hello?')], { roles: 'no-system' })).toEqual([
      { role: 'user', content: 'Be kind.\n\nHello?' },
    ]);
  });

  test('puts guidance in its place, or into the instructions where roles must alternate', () => {
    const conversation = [turn('caller', 'Hello?'), turn('guidance', 'Offer a visit.')];
    expect(messages(conversation).map(({ role }) => role)).toEqual(['system', 'user', 'system']);
    expect(messages(conversation, { roles: 'alternating' })).toEqual([
      { role: 'system', content: 'Be kind.\n\nOffer a visit.' },
      { role: 'user', content: 'Hello?' },
    ]);
  });

  test('leaves out the oldest turns that do not fit, and never the instructions', () => {
    const conversation = Array.from({ length: 40 }, (_, n) =>
      turn(n % 2 === 0 ? 'caller' : 'assistant', `${n} ${'x'.repeat(117)}`),
    );
    const fitted = messages([...conversation, turn('caller', 'The last question.')], {
      maxCharacters: 1_000,
    });
    expect(lengthOf(fitted)).toBeLessThanOrEqual(1_000);
    expect(fitted[0]).toMatchObject({ role: 'system' });
    expect(fitted.at(-1)).toEqual({ role: 'user', content: 'The last question.' });
  });

  test('sends the end of a single turn that does not fit', () => {
    const [, last] = messages([turn('caller', `${'x'.repeat(500)} and so on`)], { maxCharacters: 300 });
    expect(last?.content).toMatch(/^x+ and so on$/u);
    expect(lengthOf([last!])).toBe(292);
  });

  test('keeps the instructions and 200 characters of the last turn, whatever the limit', () => {
    const [first, last] = messages([turn('caller', `${'x'.repeat(500)} and so on`)], { maxCharacters: 1 });
    expect(first).toMatchObject({ role: 'system', content: 'Be kind.' });
    expect(lengthOf([last!])).toBe(200);
  });

  test('alternate for every conversation: at most one system message, then user, assistant, … user', () => {
    const speakers = fc.constantFrom('caller', 'assistant', 'operator', 'guidance');
    const anyTurn = fc.record({ speaker: speakers, text: fc.string({ maxLength: 20 }) });
    const modes = fc.constantFrom('alternating', 'no-system');
    fc.assert(
      fc.property(
        fc.array(anyTurn, { maxLength: 30 }),
        modes,
        fc.integer({ min: 30, max: 400 }),
        (conversation, roles, maxCharacters) => {
          const sent = messages(conversation, { roles, maxCharacters });
          const spoken = sent[0]?.role === 'system' ? sent.slice(1) : sent;
          expect(roles === 'no-system' && sent[0]?.role === 'system').toBe(false);
          expect(spoken.map(({ role }) => role)).toEqual(
            spoken.map((_, n) => (n % 2 === 0 ? 'user' : 'assistant')),
          );
          expect(spoken.at(-1)?.role).toBe('user');
          expect(spoken.every(({ content }) => typeof content === 'string' && content !== '')).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
