import { afterAll, describe, expect, it } from 'vitest';
import { newSid } from '../../src/simulator/phone/simulated-phone.ts';
import { DeskClient } from '../support/desk-client.ts';
import { Offhook } from '../support/test-server.ts';

const open: { close(): Promise<void> }[] = [];
afterAll(() => Promise.all(open.map((each) => each.close())));

async function start(settings: Record<string, string> = {}): Promise<Offhook> {
  const offhook = await Offhook.start(settings);
  open.push(offhook);
  return offhook;
}

describe.concurrent('the desk', () => {
  it('answers invalid messages with a sentence and keeps the connection', async () => {
    const offhook = await start();
    const desk = await DeskClient.open(offhook.url);
    for (const raw of ['nonsense', '[]', '{"type":"takeOver","callSid":"../x"}', Buffer.from([1, 2])])
      desk.sayRaw(raw);
    desk.say({ type: 'takeOver', callSid: newSid('CA') });
    desk.say({ type: 'guide', callSid: newSid('CA'), text: 'Hello' });
    await desk.until(() => desk.errors().length === 6);
    expect(desk.errors()[2]).toMatch(/^callSid: .*CallSid/u);
    expect(desk.errors().slice(4)).toEqual([
      'The call cannot be taken over now: it has no line, or it is ending.',
      'No assistant has this call, so the instruction was not sent.',
    ]);
    desk.close();
  });

  it('refuses other machines and pages of other sites, and admits the token', async () => {
    const offhook = await start({ API_TOKEN: 'let-me-in' });
    const elsewhere = { 'x-forwarded-for': '203.0.113.9' };
    const opened = (headers: Record<string, string>) => DeskClient.open(offhook.url, { headers });
    await expect(opened(elsewhere)).rejects.toThrow('401');
    await expect(opened({ origin: 'https://elsewhere.example' })).rejects.toThrow('401');
    (await opened({ ...elsewhere, authorization: 'Bearer let-me-in' })).close();
  });
});
