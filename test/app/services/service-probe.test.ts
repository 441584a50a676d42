import { beforeEach, describe, expect, test } from 'vitest';
import { ServiceHealth } from '../../../src/app/services/service-health.ts';
import { ServiceProbe, SLOW_ANSWER_MS } from '../../../src/app/services/service-probe.ts';
import { RETRACT, ServiceError, type Services } from '../../../src/call/ports.ts';
import { CallEventBus } from '../../../src/events/event-bus.ts';
import { createLog } from '../../../src/log.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';

const EVERY_MS = 300_000;
const unreachable = new ServiceError('speech', 'speaking', {
  transient: true,
  details: { server: '127.0.0.1:8880', said: 'connect ECONNREFUSED 127.0.0.1:8880' },
});

describe('ServiceProbe', () => {
  let clock: VirtualClock;
  let health: ServiceHealth;
  let lines: Record<string, unknown>[];
  let requests: string[];

  beforeEach(() => {
    clock = new VirtualClock(Date.UTC(2026, 6, 13));
    lines = [];
    requests = [];
    const destination = {
      write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>),
    };
    const log = createLog({ level: 'info', destination });
    health = new ServiceHealth(log, new CallEventBus(() => {}), () => clock.now());
  });

  const services: Services = {
    transcriber: {
      transcribe: ({ wav, durationMs }) => {
        requests.push(`transcription of ${durationMs} ms in ${wav.length} bytes`);
        return Promise.resolve('');
      },
    },
    replier: {
      async *reply(conversation) {
        requests.push(`chat: ${conversation[0]?.text}`);
        await Promise.resolve();
        yield RETRACT;
        yield 'Yes';
        throw new Error('the probe reads no further');
      },
    },
    voice: {
      async *speak(text) {
        requests.push(`speech: ${text}`);
        await Promise.resolve();
        yield new Uint8Array(160);
        throw new Error('the probe reads no further');
      },
    },
  };

  function pass(ms: number): Promise<void> {
    return clock.goTo(clock.nowMs + ms);
  }

  function startProbe(given: Services): ServiceProbe {
    const speech = new Uint8Array(40_000);
    const probe = new ServiceProbe({ services: given, health, clock, speech, everyMs: EVERY_MS });
    probe.start();
    return probe;
  }

  test('sends one small request to each service at the start, and again after the interval', async () => {
    const probe = startProbe(services);
    await pass(10);
    expect(requests).toEqual([
      'transcription of 1000 ms in 16044 bytes',
      'chat: Hello, can you hear me?',
      'speech: Hello.',
    ]);
    await pass(EVERY_MS);
    expect(requests).toHaveLength(6);
    expect([health.problems, lines]).toEqual([[], []]);
    probe.stop();
    await pass(2 * EVERY_MS);
    expect(requests).toHaveLength(6);
  });

  test('does not ask a service that served a call meanwhile', async () => {
    const probe = startProbe({ replier: services.replier });
    await pass(EVERY_MS / 2);
    health.succeeded('chat');
    await pass(EVERY_MS);
    expect(requests).toHaveLength(1);
    await pass(EVERY_MS);
    expect(requests).toHaveLength(2);
    probe.stop();
  });

  test('reports a failure at once with its cause, asks every minute, and reports the recovery', async () => {
    let isUp = false;
    const voice = {
      async *speak() {
        requests.push('speech');
        await Promise.resolve();
        if (!isUp) throw unreachable;
        yield new Uint8Array(160);
      },
    };
    const probe = startProbe({ voice });
    await pass(10);
    expect(health.failing).toMatchObject([
      { service: 'speech', cause: 'connect ECONNREFUSED 127.0.0.1:8880', server: '127.0.0.1:8880' },
    ]);
    expect(lines).toMatchObject([
      {
        msg: 'service request failed',
        service: 'speech',
        did: 'checked the service without a call; it is checked again',
      },
    ]);
    isUp = true;
    await pass(61_000);
    expect(requests).toHaveLength(2);
    expect(health.failing).toEqual([]);
    expect(lines.at(-1)).toMatchObject({ msg: 'service works again' });
    probe.stop();
  });

  test('checks a streaming transcriber with one second of speech, apart from the endpoint', async () => {
    const streamingTranscriber: NonNullable<Services['streamingTranscriber']> = {
      open: () => {
        throw new Error('the probe opens no stream of a call');
      },
      transcribe: (speech) => {
        requests.push(`stream of ${speech.length} samples`);
        return Promise.reject(
          new ServiceError('streaming-transcription', 'transcribing', {
            transient: true,
            details: { said: 'down' },
          }),
        );
      },
    };
    const probe = startProbe({ transcriber: services.transcriber, streamingTranscriber });
    await pass(10);
    expect(requests).toEqual(['transcription of 1000 ms in 16044 bytes', 'stream of 8000 samples']);
    expect(health.failing).toMatchObject([{ service: 'streaming-transcription', cause: 'down' }]);
    probe.stop();
  });

  test('reports a server that does not answer, and waits for it', async () => {
    let answer = (): void => {};
    const transcriber = {
      transcribe: () => new Promise<string>((resolve) => (answer = () => resolve('Hello.'))),
    };
    const probe = startProbe({ transcriber });
    await pass(SLOW_ANSWER_MS + 10);
    expect(health.failing).toMatchObject([{ service: 'transcription', cause: 'no answer within 4 s' }]);
    answer();
    await pass(10);
    expect(health.failing).toEqual([]);
    probe.stop();
  });

  test('reports no request that the end of the process aborted', async () => {
    const transcriber = {
      transcribe: (_: unknown, signal: AbortSignal) =>
        new Promise<string>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        }),
    };
    const probe = startProbe({ transcriber });
    await pass(10);
    probe.stop();
    await pass(EVERY_MS);
    expect([health.failing, lines]).toEqual([[], []]);
  });
});
