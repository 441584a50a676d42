import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeOpenAiExchange } from './fake-openai-exchange.ts';

export interface LocalServer {
  /** As http://127.0.0.1:40123. */
  readonly url: string;
  /** Open connections are torn. */
  readonly close: () => Promise<void>;
}

/** A server for this machine alone; `answer` that throws is answered with 500. Port 0 is a free one. */
export async function startLocalServer(
  answer: (exchange: FakeOpenAiExchange) => Promise<void>,
  port = 0,
): Promise<LocalServer> {
  const server = createServer((request, response) => {
    const exchange = new FakeOpenAiExchange(request, response);
    answer(exchange).catch((error: unknown) => {
      if (!response.headersSent) exchange.fail(500, error instanceof Error ? error.message : String(error));
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
