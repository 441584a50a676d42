import { afterAll, expect, test, vi } from 'vitest';
import { newSid } from '../../src/simulator/phone/simulated-phone.ts';
import { RawStream, Webhooks } from '../support/raw-stream.ts';
import { Offhook, SIGNED } from '../support/test-server.ts';

vi.setConfig({ testTimeout: 60_000 });

let offhook: Offhook | undefined;
afterAll(() => offhook?.close());

test('while its event loop is blocked again and again, the server refuses new calls politely and keeps the others', async () => {
  const started = (offhook = await Offhook.start({ ...SIGNED, OVERLOAD_DELAY_MS: '100' }));
  const webhooks = new Webhooks(started);
  const live = newSid('CA');
  const stream = await RawStream.open(started);
  stream.start(live, (await webhooks.ring(live)).token);
  stream.frames(10);
  await stream.read();
  const blocking = setInterval(() => {
    const untilMs = performance.now() + 200;
    while (performance.now() < untilMs);
  }, 220);
  try {
    await started.logs(/"overloaded: new calls hear the busy message"/u);
    const ready = await fetch(`${started.url}/ready`);
    expect([ready.status, await ready.json()]).toEqual([503, { ready: false, reason: 'overloaded' }]);
    const { body } = await webhooks.ring(newSid('CA'));
    expect(body).toContain('<Say');
    expect(body).not.toContain('<Stream');
    const health = await started.health();
    expect(health).toMatchObject({ status: 'degraded', activeCalls: 1 });
    expect(health['problems']).toContain('overloaded: new calls hear the busy message (OVERLOAD_DELAY_MS)');
    expect(health['eventLoopDelayMs']).toBeGreaterThan(100);
  } finally {
    clearInterval(blocking);
  }
  const metrics = await fetch(`${started.url}/metrics`, { headers: started.authorization });
  expect(await metrics.text()).toContain('offhook_calls_refused_total{reason="overloaded"} 1');
});
