import { expect, test } from 'vitest';
import { EmbeddedTickets } from '../../../src/telephony/twilio/stream-tickets.ts';
import { CALLER, streamTicketPromises } from '../../suites/stream-tickets.ts';

streamTicketPromises(() => {
  const tickets = new EmbeddedTickets();
  return { webhook: tickets, stream: tickets };
});

test('a ticket is valid for less than a minute', () => {
  const tickets = new EmbeddedTickets();
  const [early, late] = [tickets.issue(CALLER, 1_000), tickets.issue(CALLER, 1_000)];
  expect(tickets.redeem(early, 'CA1', 60_999)).toEqual(CALLER);
  expect(tickets.redeem(late, 'CA1', 61_000)).toBeUndefined();
});

test('the oldest tickets are dropped when there are too many', () => {
  const tickets = new EmbeddedTickets(3);
  const issued = ['CA1', 'CA2', 'CA3', 'CA4'].map((callSid) => ({
    callSid,
    token: tickets.issue({ ...CALLER, callSid }, 0),
  }));
  expect(issued.map(({ callSid, token }) => tickets.redeem(token, callSid, 1)?.callSid)).toEqual([
    undefined,
    'CA2',
    'CA3',
    'CA4',
  ]);
});

test('a process alone does not wait for its tickets', () => {
  const tickets = new EmbeddedTickets();
  const token: string = tickets.issue(CALLER, 0);
  expect(tickets.redeem(token, 'CA1', 1)).toBe(CALLER);
});
