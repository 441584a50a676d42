import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { CompatibleServer } from '../doubles/compatible-server.ts';
import { type ProxyServer, startProxy } from '../doubles/proxy-server.ts';
import { OFFHOOK } from '../support/offhook-command.ts';
import { ownFolder } from '../support/own-folder.ts';

vi.setConfig({ testTimeout: 60_000 });

const disk = ownFolder();
let server: CompatibleServer;
let proxy: ProxyServer | undefined;

afterEach(async () => {
  await server.stop();
  await proxy?.close();
});

test.each(['directly', 'through a proxy'])('the built command reaches services %s', async (way) => {
  server = await CompatibleServer.start();
  const hosts = { 'llm.invalid': server.baseUrl.replace(/\/v1$/u, '') };
  proxy = way === 'directly' ? undefined : await startProxy({ hosts });
  const address = proxy ? 'http://llm.invalid/v1' : server.baseUrl;
  const services = Object.fromEntries(
    ['CHAT', 'SPEECH', 'TRANSCRIPTION'].map((name) => [`${name}_BASE_URL`, address]),
  );
  const env = {
    PATH: process.env['PATH'],
    RECORDINGS_DIRECTORY: disk.path,
    HTTP_PROXY: proxy?.url,
    ...services,
  };
  // Other findings may end it with a code.
  const { stdout } = await promisify(execFile)(process.execPath, [OFFHOOK, 'doctor'], {
    env,
    cwd: disk.path,
  }).catch((error: unknown) => error as { readonly stdout: string });
  for (const service of ['chat', 'speech', 'transcription'])
    expect(stdout).toMatch(new RegExp(`^ok +${service}: `, 'mu'));
});
