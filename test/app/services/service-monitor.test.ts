import { expect, test } from 'vitest';
import { Outages } from '../../../src/app/outages.ts';
import { ServiceMonitor } from '../../../src/app/services/service-monitor.ts';
import { ServiceError } from '../../../src/call/ports.ts';
import { CallEventBus } from '../../../src/events/event-bus.ts';
import { createLog } from '../../../src/log.ts';
import { readSettings } from '../../../src/settings/settings.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';

test('a greeting that cannot be synthesised is logged with what is played in its place', () => {
  const lines: Record<string, unknown>[] = [];
  const destination = {
    write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  };
  const read = readSettings({ SERVICE_CHECK_MINUTES: '0' }, { dotEnv: {}, audioConfig: {} }, '/srv/offhook');
  if (!read.ok) throw new Error(read.errors.join('\n'));
  const monitor = new ServiceMonitor({
    dependencies: {
      log: createLog({ level: 'info', destination }),
      assistant: { services: {}, prompts: { get: () => ({ text: 'Hello.', mulaw: new Uint8Array(8) }) } },
      settings: read.settings,
    },
    outages: new Outages(() => 0),
    clock: new VirtualClock(0),
    events: new CallEventBus(() => {}),
  });
  monitor.voiceFailed(
    new ServiceError('speech', 'speaking', { transient: true, details: { server: 'voice:1' } }),
  );
  expect(lines).toEqual([
    expect.objectContaining({
      msg: 'service request failed',
      service: 'speech',
      did: 'plays the recorded greeting, and requests the greeting again at the next call',
    }),
  ]);
});
