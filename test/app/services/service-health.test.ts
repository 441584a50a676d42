import { beforeEach, describe, expect, test } from 'vitest';
import { ServiceHealth } from '../../../src/app/services/service-health.ts';
import { failureRecord } from '../../../src/call/failure-record.ts';
import { ServiceError } from '../../../src/call/ports.ts';
import { CallEventBus } from '../../../src/events/event-bus.ts';
import { createLog } from '../../../src/log.ts';

const refused = new ServiceError('chat', 'writing a reply', {
  transient: false,
  details: { server: '127.0.0.1:11434', status: 404, code: 'model_not_found', said: "model 'x' not found" },
});

describe('ServiceHealth', () => {
  let lines: Record<string, unknown>[];
  let bus: CallEventBus;
  let health: ServiceHealth;
  let nowMs: number;

  beforeEach(() => {
    lines = [];
    nowMs = Date.UTC(2026, 6, 13, 9, 30);
    const destination = {
      write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>),
    };
    bus = new CallEventBus(() => {});
    health = new ServiceHealth(createLog({ level: 'info', destination }), bus, () => nowMs);
  });

  function answered(error?: Error): void {
    const failure = error && failureRecord('chat', error);
    const answer = {
      service: 'chat',
      id: 1,
      askedAtMs: 0,
      request: '',
      pieces: [],
      error: error?.message,
      failure,
    } as const;
    bus.publish('CA1', { kind: 'answer', atMs: 1, answer });
  }

  test('logs each failure with the server’s own message and what offhook did', () => {
    answered(refused);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      component: 'services',
      msg: 'service request failed',
      callSid: 'CA1',
      service: 'chat',
      server: '127.0.0.1:11434',
      status: 404,
      code: 'model_not_found',
      said: "model 'x' not found",
      did: 'spoke the complete sentences, or apologised if there were none',
    });
  });

  test('reports a service as failing until a request succeeds, and counts its failures', () => {
    expect(health.problems).toEqual([]);
    answered(refused);
    nowMs += 60_000;
    answered(refused);
    expect(health.problems).toEqual([
      "chat: 127.0.0.1:11434 answered 404: model 'x' not found (since 2026-07-13T09:30:00.000Z)",
    ]);
    expect(health.failing).toEqual([
      {
        service: 'chat',
        server: '127.0.0.1:11434',
        status: 404,
        code: 'model_not_found',
        since: '2026-07-13T09:30:00.000Z',
        cause: "model 'x' not found",
      },
    ]);
    answered();
    expect([health.problems, health.failing, health.failures]).toEqual([[], [], 2]);
    expect(lines.at(-1)).toMatchObject({ msg: 'service works again', service: 'chat', failedForMs: 60_000 });
    expect(health.succeededAtMs('chat')).toBe(nowMs);
  });

  test('keeps programming errors apart, with their stack', () => {
    answered(new TypeError('chunk.choices is not iterable'));
    expect(lines[0]).toMatchObject({ level: 50, msg: 'programming error in a service request' });
    expect(lines[0]?.['stack']).toMatch(/^\s+at .*service-health\.test/u);
    expect(health.problems).toEqual([
      'chat: programming error: TypeError: chunk.choices is not iterable (since 2026-07-13T09:30:00.000Z)',
    ]);
  });

  test('reports failures outside of calls', () => {
    health.failed(
      'speech',
      new ServiceError('speech', 'speaking', {
        transient: true,
        details: { said: 'connect ECONNREFUSED 127.0.0.1:8880' },
      }),
    );
    expect(health.problems).toEqual([
      'speech: the server: connect ECONNREFUSED 127.0.0.1:8880 (since 2026-07-13T09:30:00.000Z)',
    ]);
    expect(lines[0]).toMatchObject({ service: 'speech', said: 'connect ECONNREFUSED 127.0.0.1:8880' });
  });

  test('takes a cancelled request for neither', () => {
    answered(refused);
    const answer = {
      service: 'chat',
      id: 2,
      askedAtMs: 0,
      request: '',
      pieces: [],
      error: 'cancelled',
    } as const;
    bus.publish('CA1', { kind: 'answer', atMs: 2, answer });
    expect(health.problems).toHaveLength(1);
    expect(health.failures).toBe(1);
  });
});
