import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RoleLabels } from '../../../../src/openai/chat/filters/role-labels.ts';
import { PROPERTY_RUNS } from '../../../support/portions.ts';

function filtered(pieces: readonly string[]): string {
  const labels = new RoleLabels();
  return pieces.map((piece) => labels.add(piece)).join('') + labels.end();
}

describe('RoleLabels', () => {
  // oobabooga/textgen#1577: "Human: …" and "Assistant: …" after the answer; togethercomputer/OpenDataHub#29: `<human>:`.
  test.each([
    ['Assistant: We are open.', 'We are open.'],
    ['**Assistant:** We are open.', 'We are open.'],
    ['Receptionist: We are open.', 'We are open.'],
    ['**Agent**: We are open.', 'We are open.'],
    ['Agents: there are many.', 'Agents: there are many.'],
    ['\nAI: We are open.', 'We are open.'],
    ['We are open.\nUser: Thanks!\nAssistant: Bye!', 'We are open.'],
    ['Assistant: We are open.\n\n**Human**: Thanks!', 'We are open.'],
    ['We are open.\n### Human: Thanks!', 'We are open.'],
    ['<bot>: We are open.\n<human>: Thanks!', 'We are open.'],
    ['# Hours\n\nOpen.\n\n<b>Now</b>', '# Hours\n\nOpen.\n\n<b>Now</b>'],
    ['We are open. User: this stays.', 'We are open. User: this stays.'],
    ['Users: there are many.\nCallers wait.', 'Users: there are many.\nCallers wait.'],
    ['Airport: turn left.\n', 'Airport: turn left.\n'],
    ['assistant', 'assistant'],
    ['', ''],
  ])('of %j leaves %j, for every split', (text, result) => {
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const ends = [...new Set([...cuts, text.length])].sort((a, b) => a - b);
        expect(filtered(ends.map((end, n) => text.slice(ends[n - 1] ?? 0, end)))).toBe(result);
      }),
      { numRuns: PROPERTY_RUNS / 2 },
    );
  });

  test('passes a reply on at its first word', () => {
    const labels = new RoleLabels();
    expect(labels.add('We ')).toBe('We ');
    expect(labels.add('are open.\n')).toBe('are open.');
    expect(labels.add('Come in.')).toBe('\nCome in.');
  });
});
