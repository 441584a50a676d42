import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { envFileFrom } from '../../../src/settings/env-file.ts';
import { runSetup } from '../../support/run-setup.ts';
import { ACCOUNT, KEY, NUMBER, SetupScene, TOKEN } from './setup-scene.ts';

let scene: SetupScene;
beforeEach(async () => {
  scene = await SetupScene.start();
});
afterEach(() => scene.close());

test('an empty directory becomes an answered test call, with options alone; a second run changes nothing; --undo restores', async () => {
  const before = { ...scene.number };
  const { status, stdout, stderr } = await runSetup(scene.folder.path, scene.options());
  expect(status, stdout + stderr).toBe(0);

  expect(statSync(scene.envFile).mode & 0o777).toBe(0o600);
  const { values } = envFileFrom('.env', Buffer.from(scene.env!));
  expect(values).toEqual({
    OPENAI_API_KEY: KEY,
    OPENAI_BASE_URL: scene.openAi.url,
    TWILIO_ACCOUNT_SID: ACCOUNT,
    TWILIO_AUTH_TOKEN: TOKEN,
    TWILIO_API_BASE_URL: scene.twilio.url,
    PUBLIC_URL: scene.proxy.url,
    PORT: String(scene.port),
    ADMIN_PASSWORD: expect.stringMatching(/^[\w-]{24}$/u) as string,
    API_TOKEN: expect.stringMatching(/^[\w-]{24}$/u) as string,
  });
  for (const secret of [KEY, TOKEN, values['ADMIN_PASSWORD']!, values['API_TOKEN']!])
    expect(stdout + stderr).not.toContain(secret);

  const voiceUrl = `${scene.proxy.url}/incoming-call`;
  expect(scene.updates).toEqual([
    {
      VoiceUrl: voiceUrl,
      VoiceMethod: 'POST',
      VoiceFallbackUrl: voiceUrl,
      StatusCallback: `${scene.proxy.url}/call-status`,
    },
  ]);
  expect(stdout).toContain(`voice URL: https://demo.twilio.com/welcome/voice/ → ${voiceUrl}`);
  expect(stdout).toMatch(/Caller: {4}What are your opening hours\?/u);
  expect(stdout).toMatch(/ok {3}test call: answered and recorded, \d+ lines of transcript, through http/u);
  const files = readdirSync(path.join(scene.folder.path, 'responses'));
  expect(files.some((name) => /^call_CA\w{32}_conversation\.mp3$/u.test(name))).toBe(true);
  for (const name of files.filter((each) => each.startsWith('call_'))) expect(stdout).toContain(name);

  const written = scene.env;
  const again = await runSetup(scene.folder.path, ['--no-test-call']);
  expect(again.status, again.stdout + again.stderr).toBe(0);
  expect(again.stdout).toContain('.env: nothing changes');
  expect(again.stdout).toContain(`${NUMBER} at Twilio: nothing changes`);
  expect(scene.env).toBe(written);
  expect(scene.updates).toHaveLength(1);

  const undone = await runSetup(scene.folder.path, ['--undo']);
  expect(undone.status, undone.stdout + undone.stderr).toBe(0);
  expect(scene.number).toEqual({ ...before, status_callback: '' });
  expect(undone.stdout).toContain(`voice URL: ${voiceUrl} → https://demo.twilio.com/welcome/voice/`);
  expect(scene.env).toBe(written);
  expect((await runSetup(scene.folder.path, ['--undo'])).status).toBe(1);
});
