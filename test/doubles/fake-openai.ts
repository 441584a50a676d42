import { loadResampler } from '../../src/audio/resampler.ts';
import type { Fault, ServiceName } from './fake-openai-faults.ts';
import type { FakeOpenAiOptions, RequestSeen } from './fake-openai-options.ts';
import { FakeOpenAiRouter } from './fake-openai-router.ts';
import { startLocalServer } from './http-server.ts';

export interface FakeOpenAi {
  /** For OPENAI_BASE_URL: ends in /v1. */
  readonly url: string;
  readonly requests: readonly RequestSeen[];
  /** From now on `service` fails so, for `times` requests (default: until told otherwise); undefined heals it. */
  setFault(service: ServiceName, fault: Fault | undefined, times?: number): void;
  close(): Promise<void>;
}

/** Starts a server on this machine that speaks OpenAI's wire protocol and answers from scripts. */
export async function startFakeOpenAi(options: FakeOpenAiOptions = {}): Promise<FakeOpenAi> {
  await loadResampler();
  const services = new FakeOpenAiRouter(options);
  const { url, close } = await startLocalServer((exchange) => services.answer(exchange), options.port);
  return {
    url: `${url}/v1`,
    requests: services.requests,
    setFault: (service, fault, times) => {
      services.faults.set(service, fault, times);
    },
    close,
  };
}
