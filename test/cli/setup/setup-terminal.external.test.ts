import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { requiredProgram } from '../../../scripts/tier-tools.ts';
import { envFileFrom } from '../../../src/settings/env-file.ts';
import { fakeNumber } from '../../doubles/fake-twilio-numbers.ts';
import { OFFHOOK } from '../../support/offhook-command.ts';
import { ownFolder } from '../../support/own-folder.ts';
import { runSetup } from '../../support/run-setup.ts';
import { CTRL_C, DOWN, ENTER, Terminal } from '../../support/terminal.ts';
import { ACCOUNT, KEY, NUMBER, SetupScene, TOKEN } from './setup-scene.ts';

const TUNNEL = path.resolve(import.meta.dirname, '../../support/tls-tunnel.mjs');

let scene: SetupScene;
let terminal: Terminal | undefined;
let keys: ReturnType<typeof ownFolder>;
const other = fakeNumber('+15550111');
const chosen = fakeNumber(NUMBER);

beforeEach(async () => {
  scene = await SetupScene.start({ numbers: [other, chosen] });
  keys = ownFolder();
});
afterEach(async () => {
  terminal?.kill();
  keys[Symbol.dispose]();
  await scene.close();
});

function open(options: readonly string[]): Terminal {
  terminal = new Terminal([process.execPath, OFFHOOK, 'setup', ...options], scene.folder.path);
  return terminal;
}

/** The addresses of the doubles; a person would not give them. */
const doubles = (): string[] => [
  ...['--openai-base-url', scene.openAi.url, '--set', `TWILIO_API_BASE_URL=${scene.twilio.url}`],
  ...['--port', String(scene.port)],
];

describe('on a terminal', () => {
  test('an empty directory becomes an answered test call; a refused key is asked for again', async () => {
    const person = open(doubles());
    await person.sees('Who answers the calls?');
    person.type(ENTER);
    await person.sees('Key of OpenAI:');
    person.type(`sk-wrong${ENTER}`);
    await person.sees('answers 401');
    await person.sees('That did not work. What now?');
    person.type(ENTER);
    await person.sees('OPENAI_API_KEY:');
    person.type(`${KEY}${ENTER}`);
    await person.sees('Account SID of Twilio:');
    person.type(`AC1${ENTER}`);
    await person.sees('it must be "AC" and 32 hexadecimal digits');
    person.type(`${'\u007f'.repeat(3)}${ACCOUNT}${ENTER}`);
    await person.sees('Auth token of that account:');
    person.type(`${TOKEN}${ENTER}`);
    await person.sees('How does Twilio reach this machine?');
    person.type(ENTER);
    await person.sees('Public address of this server:');
    person.type(`${scene.proxy.url}${ENTER}`);
    await person.sees('Which number does offhook answer?');
    person.type(`${DOWN}${ENTER}`);
    await person.sees(`${NUMBER} at Twilio changes:`);
    expect(scene.env).toBeUndefined();
    expect(scene.updates).toEqual([]);
    await person.sees('Apply these changes?');
    person.type(ENTER);
    await person.sees('Caller:    What are your opening hours?');
    await person.sees('ok   test call: answered and recorded');
    expect(await person.ended).toBe(0);

    const { values } = envFileFrom('.env', Buffer.from(scene.env!));
    expect(values).toMatchObject({
      OPENAI_API_KEY: KEY,
      TWILIO_ACCOUNT_SID: ACCOUNT,
      TWILIO_AUTH_TOKEN: TOKEN,
    });
    expect(person.shown).toContain(`Password of the pages: ${values['ADMIN_PASSWORD']}`);
    for (const secret of [KEY, TOKEN, 'sk-wrong']) expect(person.shown).not.toContain(secret);
    expect(chosen.voice_url).toBe(`${scene.proxy.url}/incoming-call`);
    expect(other.voice_url).toBe('https://demo.twilio.com/welcome/voice/');
  });

  test.each(['Who answers the calls?', 'Apply these changes?'])(
    'Ctrl-C at "%s" changes nothing',
    async (question) => {
      const given = question.startsWith('Who')
        ? []
        : ['--services', 'none', ...telephone(), '--number', NUMBER];
      const person = open([...given, '--set', `TWILIO_API_BASE_URL=${scene.twilio.url}`]);
      await person.sees(question);
      person.type(CTRL_C);
      await person.sees('Cancelled; nothing was changed.');
      expect(await person.ended).toBe(1);
      expect(readdirSync(scene.folder.path)).toEqual([]);
      expect(scene.updates).toEqual([]);
    },
  );
});

const telephone = (): string[] => [
  ...['--twilio-account-sid', ACCOUNT, '--twilio-auth-token', TOKEN],
  ...['--public-url', scene.proxy.url, '--port', String(scene.port)],
];

describe('--tunnel', () => {
  const tunnel = (): { command: string; pids: string; env: Record<string, string> } => {
    const [cert, key, pids] = ['cert.pem', 'key.pem', 'pids'].map((name) => path.join(keys.path, name)) as [
      string,
      string,
      string,
    ];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const made = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert];
    execFileSync(requiredProgram('openssl'), ['req', ...made, ...names], { stdio: 'ignore' });
    const command = `${process.execPath} ${TUNNEL} ${scene.port} ${cert} ${key} ${pids}`;
    return { command, pids, env: { NODE_EXTRA_CA_CERTS: cert } };
  };
  const isRunning = (pid: string): boolean => {
    try {
      return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
    } catch {
      return false;
    }
  };
  const options = (): string[] => [
    ...[
      '--services',
      'none',
      '--twilio-account-sid',
      ACCOUNT,
      '--twilio-auth-token',
      TOKEN,
      '--number',
      NUMBER,
    ],
    ...['--port', String(scene.port), '--set', `TWILIO_API_BASE_URL=${scene.twilio.url}`],
  ];

  test('takes the first address that leads here, serves within the tunnel, and ends it', async () => {
    const { command, pids, env } = tunnel();
    let address = '';
    const ran = await runSetup(
      scene.folder.path,
      [...options(), '--tunnel', command, '--serve', '--no-test-call'],
      { ...env, LOG_FORMAT: 'json' },
      (child) =>
        child.stdout.on('data', (data: Buffer) => {
          address ||= /public address: (https:\/\/localhost:\d+) leads/.exec(data.toString())?.[1] ?? '';
          if (data.includes('offhook is listening')) child.kill('SIGTERM');
        }),
    );
    expect(ran.status, ran.stdout + ran.stderr).toBe(0);
    expect(chosen.voice_url).toBe(`${address}/incoming-call`);
    expect(scene.env).toContain(`PUBLIC_URL=${address}\n`);
    const [pid = ''] = readFileSync(pids, 'utf8').trim().split('\n');
    expect(isRunning(pid)).toBe(false);
  });

  test('carries the test call over TLS', async () => {
    const { command, env } = tunnel();
    const ran = await runSetup(scene.folder.path, [...options(), '--tunnel', command], env);
    expect(ran.status, ran.stdout + ran.stderr).toBe(0);
    expect(ran.stdout).toMatch(/ok {3}test call: answered and recorded, .* through https:\/\/localhost:\d+/u);
    expect(ran.stdout).toContain('The tunnel is closed now');
  });

  test.each([
    [
      'a command that does not exist',
      'no-such-tunnel --now',
      /fail tunnel: it ended with code 127[^]*no-such-tunnel/u,
    ],
    [
      'a command without an address',
      'echo Quota exceeded',
      /fail tunnel: it ended with code 0[^]*Quota exceeded/u,
    ],
    ['ngrok without its package', 'ngrok', /fail tunnel: .*npm install --no-save @ngrok\/ngrok/u],
  ])('%s is a visible failure', async (_what, command, sentence) => {
    const ran = await runSetup(scene.folder.path, [...options(), '--tunnel', command]);
    expect(ran.status).toBe(1);
    expect(ran.stdout).toMatch(sentence);
    expect(readdirSync(scene.folder.path)).toEqual([]);
  });
});
