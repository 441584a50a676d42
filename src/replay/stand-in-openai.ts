import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StandInExchange } from './stand-in-exchange.ts';
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
  const services = new StandInServices(options);
  const server = createServer((request, response) => {
    const exchange = new StandInExchange(request, response);
    services.answer(exchange).catch((error: unknown) => {
      if (!response.headersSent) exchange.fail(500, error instanceof Error ? error.message : String(error));
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/v1`,
    requests: services.requests,
    setFault: (service, fault, times) => {
      services.faults.set(service, fault, times);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
