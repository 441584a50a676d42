import { expect, test } from 'vitest';
import type { StreamTicketStore } from '../../src/telephony/twilio/stream-tickets.ts';

/** The store of the machine with the webhook, and that of the machine with the media stream. */
export interface TicketMachines {
  readonly webhook: StreamTicketStore;
  readonly stream: StreamTicketStore;
}

export const CALLER = { callSid: 'CA1', from: '+15550100', to: '+15550199' };

/** What every store of one-time tokens promises. */
export function streamTicketPromises(machines: () => TicketMachines): void {
  test('a ticket admits the stream of its call once and names its parties', async () => {
    const { webhook, stream } = machines();
    const token = await webhook.issue(CALLER, 0);
    expect(await stream.redeem(token, 'CA1', 10)).toEqual(CALLER);
    expect(await stream.redeem(token, 'CA1', 11)).toBeUndefined();
    expect(await webhook.redeem(token, 'CA1', 12)).toBeUndefined();
  });

  test('of streams that show the same ticket at once, one is admitted', async () => {
    const { webhook, stream } = machines();
    const token = await webhook.issue(CALLER, 0);
    const all = await Promise.all(
      [1, 2, 3, 4].map(async (n) => (n % 2 ? stream : webhook).redeem(token, 'CA1', 1)),
    );
    expect(all.filter((identity) => identity !== undefined)).toEqual([CALLER]);
  });

  test('a ticket is invalid for another call, and afterwards for its own', async () => {
    const { webhook, stream } = machines();
    const token = await webhook.issue(CALLER, 0);
    expect(await stream.redeem(token, 'CA2', 10)).toBeUndefined();
    expect(await stream.redeem(token, 'CA1', 11)).toBeUndefined();
    expect(await webhook.redeem(token, 'CA1', 12)).toBeUndefined();
  });

  test('two webhooks of one call get two tickets, each valid once', async () => {
    const { webhook, stream } = machines();
    const first = await webhook.issue(CALLER, 0);
    const second = await stream.issue(CALLER, 0);
    expect(first).not.toBe(second);
    expect(await stream.redeem(second, 'CA1', 2)).toEqual(CALLER);
    expect(await stream.redeem(first, 'CA1', 3)).toEqual(CALLER);
  });

  test('other text is refused', async () => {
    const { webhook, stream } = machines();
    await webhook.issue(CALLER, 0);
    for (const wrong of [undefined, '', 'x', '💥'.repeat(10_000)])
      expect(await stream.redeem(wrong, 'CA1', 1)).toBeUndefined();
  });

  test('names of any characters arrive as they are', async () => {
    const { webhook, stream } = machines();
    const odd = { callSid: 'CA1', from: 'sip:"a, b"@x\u0000 \u{1F4A5}', to: '' };
    expect(await stream.redeem(await webhook.issue(odd, 0), 'CA1', 1)).toEqual(odd);
  });

  test('a ticket needs no escaping in a TwiML parameter', async () => {
    expect(await machines().webhook.issue(CALLER, 0)).toMatch(/^[\w-]{32}$/);
  });
}
