import { afterEach, expect, test } from 'vitest';
import {
  announcedDeprecations,
  findModelDeprecations,
} from '../../../src/openai/server/model-deprecations.ts';
import { ServiceEndpoint } from '../../../src/openai/server/service-endpoint.ts';
import { warmUp } from '../../../src/openai/server/warm-up.ts';
import { failing, json, ScriptedServer } from '../scripted-server.ts';

const servers: ScriptedServer[] = [];

async function start(...answers: Parameters<typeof ScriptedServer.start>): Promise<ScriptedServer> {
  const server = await ScriptedServer.start(...answers);
  servers.push(server);
  return server;
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

test('each server is asked once for the announced ends of the models in use', async () => {
  const server = await start(
    json(200, {
      data: [
        { id: 'speech-old', shutdown_date: '2027-01-06' },
        { id: 'chat-new', shutdown_date: null },
        { id: 'unused', shutdown_date: '2026-12-11' },
      ],
    }),
  );
  const service = { baseUrl: server.baseUrl, apiKey: 'sk-1' };
  const services = [{ ...service, model: 'speech-old' }, { ...service, model: 'chat-new' }, undefined];
  expect(await findModelDeprecations(services)).toEqual([{ model: 'speech-old', endsOn: '2027-01-06' }]);
  expect(server.asked.map(({ path }) => path)).toEqual(['/v1/models']);
});

test('a server without such a list causes no warning and no error', async () => {
  const server = await start(failing(404));
  expect(await findModelDeprecations([{ model: 'm', baseUrl: server.baseUrl }])).toEqual([]);
  expect(await findModelDeprecations([{ model: 'm', baseUrl: 'http://127.0.0.1:1/v1' }])).toEqual([]);
});

test('the warm connection is used by the next request', async () => {
  const server = await start(json(404, {}), json(200, {}));
  const service = { model: 'm', baseUrl: server.baseUrl, apiKey: 'sk-1' };
  await warmUp([service, service, undefined]);
  // undici takes a connection back one turn of the event loop after its answer was read.
  await new Promise((turn) => setImmediate(turn));
  await new ServiceEndpoint(service).get('/next', AbortSignal.timeout(5_000));
  expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /v1/models/m',
    'GET /v1/next',
  ]);
  expect(server.connections).toBe(1);
});

test('an unreachable server causes no error', async () => {
  await expect(warmUp([{ model: 'm', baseUrl: 'http://127.0.0.1:1/v1' }])).resolves.toBeUndefined();
});

test.each([
  ['gpt-4o-mini-tts', '2027-01-06', 'SPEECH_ENGINE=realtime'],
  ['gpt-4o-mini-tts-2025-03-20', '2027-01-06', 'SPEECH_ENGINE=realtime'],
  ['tts-1-hd', '2027-01-06', 'SPEECH_ENGINE=realtime'],
  ['gpt-4.1-mini', '2027-01-14', 'CHAT_MODEL'],
  ['gpt-4o-mini-transcribe', '2027-02-26', 'TRANSCRIPTION_MODEL'],
  ['whisper-1', '2027-02-26', 'TRANSCRIPTION_MODEL'],
  ['gpt-realtime-mini', '2027-01-20', 'REALTIME_MODEL'],
  ['gpt-realtime-2025-08-28', '2027-01-20', 'REALTIME_MODEL'],
  ['gpt-realtime-2.1-mini', undefined, undefined],
  ['gpt-6-luna', undefined, undefined],
  ['gpt-transcribe', undefined, undefined],
  ['gpt-4o-mini-realtime', undefined, undefined],
])('OpenAI’s announced end of %s is %s', (model, endsOn, setting) => {
  const [ending] = announcedDeprecations({ baseUrl: 'https://api.openai.com/v1', model });
  expect(ending?.endsOn).toBe(endsOn);
  if (setting !== undefined) expect(ending?.successor).toContain(setting);
  expect(announcedDeprecations({ baseUrl: 'https://models.example.com/v1', model })).toEqual([]);
});
