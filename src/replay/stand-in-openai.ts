import { loadResampler } from '../audio/resampler.ts';
import { startLocalServer } from './local-server.ts';
import type { Fault, ServiceName } from './stand-in-fault.ts';
import type { RequestSeen, StandInOptions } from './stand-in-options.ts';
import { StandInServices } from './stand-in-services.ts';

export interface StandInOpenAi {
  /** For OPENAI_BASE_URL: ends in /v1. */
  readonly url: string;
  readonly requests: readonly RequestSeen[];
  /** From now on `service` fails so, for `times` requests (default: until told otherwise); undefined heals it. */
  setFault(service: ServiceName, fault: Fault | undefined, times?: number): void;
  close(): Promise<void>;
}

/** Starts a server on this machine that speaks OpenAI's wire protocol and answers from scripts. */
export async function startStandInOpenAi(options: StandInOptions = {}): Promise<StandInOpenAi> {
  await loadResampler();
  const services = new StandInServices(options);
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
