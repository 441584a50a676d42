import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { listModels } from '../../../src/openai/server/model-deprecations.ts';
import { warmUp } from '../../../src/openai/server/warm-up.ts';

test("Azure's version and key are sent with every request, and no other key", async () => {
  const asked: unknown[] = [];
  const server = createServer(({ url, headers }, response) => {
    asked.push([url, headers['api-key'], headers.authorization]);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[]}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const service = {
    model: 'm',
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/openai/deployments/d`,
    query: { 'api-version': '2024-10-21' },
    keyHeader: 'api-key',
    apiKey: 'secret',
  } as const;
  await listModels(service, 5_000);
  await warmUp([service]);
  server.closeAllConnections();
  server.close();
  expect(asked).toEqual([
    ['/openai/deployments/d/models?api-version=2024-10-21', 'secret', undefined],
    ['/openai/deployments/d/models/m?api-version=2024-10-21', 'secret', undefined],
  ]);
});
