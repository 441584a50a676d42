import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { fakeNumber } from '../../doubles/fake-twilio-numbers.ts';
import type { TwilioRestOptions } from '../../doubles/fake-twilio-rest.ts';
import { unusedPort } from '../../support/unused-port.ts';
import { Offhook, SIGNED } from '../../support/test-server.ts';
import { runSetup, runSetupHere } from '../../support/run-setup.ts';
import { NUMBER, SetupScene } from './setup-scene.ts';

const SHIM = path.resolve(import.meta.dirname, '../../support/refusing-file-system.cjs');
const scenes: SetupScene[] = [];
afterEach(async () => {
  await Promise.all(scenes.splice(0).map((each) => each.close()));
});

async function start(options: Partial<TwilioRestOptions> = {}): Promise<SetupScene> {
  const scene = await SetupScene.start(options);
  scenes.push(scene);
  return scene;
}

/** Without services and without the call, which other tests place. */
const QUICK = ['--services', 'none', '--no-test-call'];
const withoutServices = { '--openai-api-key': '', '--openai-base-url': '' };

async function quickly(
  scene: SetupScene,
  over: Readonly<Record<string, string>> = {},
  more: readonly string[] = [],
) {
  const ran = await runSetupHere(scene.folder.path, [
    ...scene.options({ ...withoutServices, ...over }),
    ...QUICK,
    ...more,
  ]);
  return { ...ran, text: ran.stdout + ran.stderr };
}

function expectUnchanged(scene: SetupScene): void {
  expect(readdirSync(scene.folder.path)).toEqual([]);
  expect(scene.updates).toEqual([]);
}

describe('without a terminal, a missing answer is one sentence with its option', () => {
  test.each([
    ['services', ['--services', 'none'], [], '--openai-api-key'],
    ['account', ['--twilio-account-sid'], QUICK, '--twilio-account-sid'],
    ['token', ['--twilio-auth-token'], QUICK, '--twilio-auth-token'],
    ['address', ['--public-url'], QUICK, '--public-url'],
  ])('%s', async (_what, [left = ''], more, option) => {
    const scene = await start();
    const options = scene.options({ ...withoutServices, [left]: '' });
    const { status, stderr } = await runSetupHere(scene.folder.path, [...options, ...more]);
    expect(status).toBe(2);
    const last = stderr.trim().split('\n').at(-1);
    expect(last).toContain('An answer is missing: ');
    expect(last).toContain(option);
    expectUnchanged(scene);
  });

  test('which of several numbers', async () => {
    const scene = await start({ numbers: [fakeNumber('+15550101'), fakeNumber('+15550102')] });
    const { status, stderr } = await quickly(scene);
    expect(status).toBe(2);
    expect(stderr).toContain('--number; the account has +15550101, +15550102');
    expectUnchanged(scene);
  });
});

describe('a fault is named, and nothing is changed', () => {
  test('a wrong key of a service', async () => {
    const scene = await start();
    const { status, stdout } = await runSetupHere(
      scene.folder.path,
      scene.options({ '--openai-api-key': 'sk-wrong' }),
    );
    expect(status).toBe(1);
    expect(stdout).toMatch(/fail chat: .*answers 401.*\n {5}→ give a key that is valid there/u);
    expect(stdout).not.toContain('sk-wrong');
    expectUnchanged(scene);
  });

  test('a service that is down', async () => {
    const scene = await start();
    await scene.openAi.close();
    const { status, stdout } = await runSetupHere(scene.folder.path, scene.options());
    expect(status).toBe(1);
    expect(stdout).toMatch(/fail speech: .*ECONNREFUSED/u);
    expectUnchanged(scene);
  });

  test('a wrong token of Twilio', async () => {
    const scene = await start();
    const { status, text } = await quickly(scene, { '--twilio-auth-token': 'wrong' });
    expect(status).toBe(1);
    expect(text).toContain('fail Twilio: rejects the account or the token (error 20003)');
    expectUnchanged(scene);
  });

  test('Twilio is down', async () => {
    const scene = await start();
    await scene.twilio.close();
    const { status, text } = await quickly(scene);
    expect(status).toBe(1);
    expect(text).toMatch(/fail Twilio: is not reached: .*ECONNREFUSED/u);
    expectUnchanged(scene);
  });

  test('an address that leads nowhere, and one that leads to another server', async () => {
    const scene = await start();
    const port = await unusedPort();
    const nowhere = await quickly(scene, { '--public-url': `http://127.0.0.1:${port}` });
    expect(nowhere.status).toBe(1);
    expect(nowhere.text).toMatch(/fail public address: http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/u);
    const other = await quickly(scene, { '--public-url': scene.twilio.url });
    expect(other.status).toBe(1);
    expect(other.text).toMatch(/fail public address: .*: another server answers there \(status 401\)/u);
    expectUnchanged(scene);
  });

  test('an address whose proxy passes no WebSockets', async () => {
    const scene = await start();
    scene.proxy.refuseUpgrades();
    const { status, text } = await quickly(scene);
    expect(status).toBe(1);
    expect(text).toMatch(/fail public address: .*: WebSockets are not passed: /u);
    expectUnchanged(scene);
  });

  test('a port that another program uses', async () => {
    const scene = await start();
    const other = createServer((socket) => socket.end('no'));
    await new Promise<void>((resolve) => other.listen(scene.port, '0.0.0.0', resolve));
    const { status, text } = await quickly(scene);
    other.close();
    expect(status).toBe(1);
    expect(text).toContain(`fail port: ${scene.port} is used by another program`);
    expectUnchanged(scene);
  });

  test.each([
    ['a number of another account', {}, ['--number', '+49 30 123456'], `is not a number of this account`],
    ['an account without numbers', { numbers: [] }, [], 'the account has no number that receives calls'],
    [
      'a number without calls',
      { numbers: [fakeNumber(NUMBER, { capabilities: { voice: false, sms: true, mms: false } })] },
      [],
      'the account has no number that receives calls',
    ],
  ])('%s', async (_what, account, more, sentence) => {
    const scene = await start(account);
    const { status, text } = await quickly(scene, {}, more);
    expect(status).toBe(1);
    expect(text).toContain(`fail number: `);
    expect(text).toContain(sentence);
    expectUnchanged(scene);
  });

  test('a directory in place of .env', async () => {
    const scene = await start();
    mkdirSync(scene.envFile);
    const { status, text } = await quickly(scene);
    expect(status).toBe(2);
    expect(text).toContain('.env cannot be read (EISDIR)');
    expect(scene.updates).toEqual([]);
  });

  test.each([
    ['a read-only directory', 'access=EROFS', /fail \.env: .*\.env cannot be written \(EROFS: /u],
    [
      'a .env that cannot be replaced',
      'rename=EBUSY',
      /fail \.env: cannot be written \(EBUSY: .*nothing was changed/u,
    ],
  ])('%s', async (_what, refused, sentence) => {
    const scene = await start();
    const options = [...scene.options(withoutServices), ...QUICK];
    const env = {
      NODE_OPTIONS: `--require ${JSON.stringify(SHIM)}`,
      REFUSED: refused,
      REFUSED_BELOW: scene.folder.path,
    };
    const { status, stdout } = await runSetup(scene.folder.path, options, env);
    expect(status).toBe(1);
    expect(stdout).toMatch(sentence);
    expectUnchanged(scene);
  });

  test('a cancelled setup', async () => {
    const scene = await start();
    scene.openAi.setFault('chat', { kind: 'hang' });
    const { status, stderr } = await runSetup(scene.folder.path, scene.options(), {}, (child) => {
      child.stderr.on('data', (data: Buffer) => {
        if (data.includes('Sending a request to each service')) child.kill('SIGINT');
      });
    });
    expect(status).toBe(1);
    expect(stderr).toContain('Cancelled; nothing was changed.');
    expectUnchanged(scene);
  });

  test('an invalid value of an option', async () => {
    const scene = await start();
    const { status, text } = await quickly(scene, { '--port': 'high' });
    expect(status).toBe(2);
    expect(text).toContain('PORT is "high"; it must be a whole number');
    expectUnchanged(scene);
  });
});

test('a misspelt setting of --set is refused with the probable name', async () => {
  const scene = await start();
  const { status, text } = await quickly(scene, { '--set': 'GREETINGS=Hello' });
  expect(status).toBe(2);
  expect(text).toContain('Did you mean GREETING?');
  expectUnchanged(scene);
});

describe('a number that a SIP trunk or an application overrides', () => {
  test.each([
    ['trunk_sid', 'TrunkSid', `TK${'1'.repeat(32)}`, 'the SIP trunk TK1'],
    ['voice_application_sid', 'VoiceApplicationSid', `AP${'1'.repeat(32)}`, 'the voice application AP1'],
  ] as const)(
    '%s is removed with --detach alone, and restored by --undo',
    async (member, field, sid, words) => {
      const number = fakeNumber(NUMBER, { [member]: sid });
      const before = { ...number };
      const scene = await start({ numbers: [number] });
      const refused = await quickly(scene);
      expect(refused.status).toBe(1);
      expect(refused.text).toContain(words);
      expect(refused.text).toContain('--detach');
      expectUnchanged(scene);
      const done = await quickly(scene, {}, ['--detach']);
      expect(done.status, done.text).toBe(0);
      expect(scene.updates.at(-1)).toMatchObject({ [field]: '' });
      expect(number[member]).toBeNull();
      const undone = await runSetupHere(scene.folder.path, ['--undo']);
      expect(undone.status, undone.stdout).toBe(0);
      expect({ ...number, voice_fallback_url: null }).toEqual(before);
    },
  );
});

describe('--check', () => {
  test('prints what would change and changes nothing', async () => {
    const scene = await start();
    const { status, text } = await quickly(scene, {}, ['--check']);
    expect(status, text).toBe(0);
    expect(text).toContain('ADMIN_PASSWORD: (none) → (hidden)');
    expect(text).toContain(
      `voice URL: https://demo.twilio.com/welcome/voice/ → ${scene.proxy.url}/incoming-call`,
    );
    expectUnchanged(scene);
  });

  test('fails and names every missing answer', async () => {
    const scene = await start();
    const { status, stdout } = await runSetupHere(scene.folder.path, ['--check']);
    expect(status).toBe(1);
    for (const option of ['--openai-api-key', '--twilio-account-sid', '--public-url'])
      expect(stdout).toContain(option);
    expectUnchanged(scene);
  });
});

describe('.env', () => {
  test('keeps comments, order and unknown lines; becomes private', async () => {
    const scene = await start();
    writeFileSync(
      scene.envFile,
      '# mine\nGREETING="Hello # there"\nUNKNOWN=1 # kept\n#ADMIN_PASSWORD=\nADMIN_PASSWORD=\n',
    );
    chmodSync(scene.envFile, 0o644);
    const { status, text } = await quickly(scene, { '--set': `TWILIO_API_BASE_URL=${scene.twilio.url}` });
    expect(status, text).toBe(0);
    expect(scene.env).toMatch(
      /^# mine\nGREETING="Hello # there"\nUNKNOWN=1 # kept\n#ADMIN_PASSWORD=\nADMIN_PASSWORD=[\w-]{24}\n\n# Set by `offhook setup`\.\n/u,
    );
    expect(statSync(scene.envFile).mode & 0o777).toBe(0o600);
    expect(readdirSync(scene.folder.path).filter((name) => name.includes('.tmp'))).toEqual([]);
  });

  test('gets the keys that the environment holds, without options', async () => {
    const scene = await start();
    const options = scene.options({ ...withoutServices, '--twilio-auth-token': '' });
    const env = { TWILIO_AUTH_TOKEN: '0123456789abcdef0123456789abcdef' };
    const { status, stdout, stderr } = await runSetupHere(scene.folder.path, [...options, ...QUICK], env);
    expect(status, stdout + stderr).toBe(0);
    expect(scene.env).toContain('TWILIO_AUTH_TOKEN=0123456789abcdef0123456789abcdef\n');
  });
});

test('if Twilio refuses the change, .env is written, the report says so, and the next run completes the setup', async () => {
  let refusals = 1;
  const scene = await start({
    faultFor: ({ method }) =>
      method === 'POST' && refusals-- > 0 ? { kind: 'status', status: 503 } : undefined,
  });
  const first = await quickly(scene);
  expect(first.status).toBe(1);
  expect(first.text).toMatch(/fail number: \+15550100 was not set: Twilio answers 503/u);
  expect(scene.env).toContain('PUBLIC_URL=');
  const second = await runSetupHere(scene.folder.path, QUICK);
  expect(second.status, second.stdout + second.stderr).toBe(0);
  expect(scene.number.voice_url).toBe(`${scene.proxy.url}/incoming-call`);
  expect((await runSetupHere(scene.folder.path, ['--undo'])).status).toBe(0);
  expect(scene.number.voice_url).toBe('https://demo.twilio.com/welcome/voice/');
});

test('two setups with different addresses keep the first values for --undo', async () => {
  const scene = await start();
  expect((await quickly(scene)).status).toBe(0);
  const port = new URL(scene.proxy.url).port;
  const moved = await quickly(scene, { '--public-url': `http://localhost:${port}/phone` });
  expect(moved.status, moved.text).toBe(0);
  expect(scene.number.voice_url).toBe(`http://localhost:${port}/phone/incoming-call`);
  expect((await runSetupHere(scene.folder.path, ['--undo'])).status).toBe(0);
  expect(scene.number.voice_url).toBe('https://demo.twilio.com/welcome/voice/');
  expect(existsSync(scene.envFile)).toBe(true);
});

test('a server that is running already is recognised: the address is checked with it, the call is placed beside it', async () => {
  const scene = await start();
  const running = await Offhook.start(SIGNED, { port: scene.port });
  try {
    const { status, stdout, stderr } = await runSetupHere(scene.folder.path, [
      ...scene.options(withoutServices),
      ...['--services', 'none'],
    ]);
    expect(status, stdout + stderr).toBe(0);
    expect(stdout).toContain(`ok   port: offhook is running on port ${scene.port}`);
    expect(stdout).toContain(
      `ok   public address: ${scene.proxy.url} leads to this machine, with WebSockets`,
    );
    expect(stdout).toMatch(/ok {3}test call: answered and recorded, .* on this machine/u);
    expect(stdout).toContain('offhook is running with the earlier settings: restart it.');
  } finally {
    await running.close();
  }
});
