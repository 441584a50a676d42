import { expect, it } from 'vitest';
import { type LateEvent, withLateEvents } from '../../../src/records/finalization/late-events.ts';
import { reconstructCall } from '../../../src/records/reconstruct-call.ts';
import { TOLD_AT_MS, usualCall } from '../told-call.ts';

const AT_MS = TOLD_AT_MS + 20_000;

it.each<[string, LateEvent[]]>([
  ['no event', []],
  ['a text', [{ kind: 'text', atMs: AT_MS, turn: 2, text: 'Only Saturday.' }]],
  ['a text of an unknown turn', [{ kind: 'text', atMs: AT_MS, turn: 9, text: 'Nothing.' }]],
  [
    'a failure that will be retried',
    [{ kind: 'no-text', atMs: AT_MS, turn: 2, reason: 'down', final: false }],
  ],
  ['a final failure', [{ kind: 'no-text', atMs: AT_MS, turn: 2, reason: 'too old', final: true }]],
  ['a summary', [{ kind: 'summary', atMs: AT_MS, text: 'About an invoice.', by: 'chat' }]],
  [
    'a text and two summaries',
    [
      { kind: 'summary', atMs: AT_MS, text: 'The first.', by: 'chat' },
      { kind: 'text', atMs: AT_MS, turn: 2, text: 'Only Saturday.' },
      { kind: 'summary', atMs: AT_MS, text: 'The second.', by: 'chat' },
    ],
  ],
])('adding %s to a call gives the same call as reading its journal again', (_, added) => {
  const { events } = usualCall();
  const call = reconstructCall(events)!;
  expect(withLateEvents(call, added)).toEqual(reconstructCall([...events, ...added]));
});
