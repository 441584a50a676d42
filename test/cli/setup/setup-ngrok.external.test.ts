import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { requiredProgram } from '../../../scripts/tier-tools.ts';
import { OFFHOOK } from '../../support/offhook-command.ts';
import { ownFolder } from '../../support/own-folder.ts';
import { runSetup } from '../../support/run-setup.ts';
import { DOWN, ENTER, Terminal } from '../../support/terminal.ts';
import { ACCOUNT, NUMBER, SetupScene, TOKEN } from './setup-scene.ts';

const TLS_TUNNEL = path.resolve(import.meta.dirname, '../../support/tls-tunnel.mjs');
const AUTHTOKEN = '2aBcDeF0123456789';

let scene: SetupScene;
let keys: ReturnType<typeof ownFolder>;
beforeEach(async () => {
  scene = await SetupScene.start();
  keys = ownFolder();
});
afterEach(async () => {
  keys[Symbol.dispose]();
  await scene.close();
});

const options = (): string[] => [
  ...['--services', 'none', '--twilio-account-sid', ACCOUNT, '--twilio-auth-token', TOKEN],
  ...['--port', String(scene.port), '--set', `TWILIO_API_BASE_URL=${scene.twilio.url}`],
];
const NGROK = ['--tunnel', 'ngrok'];
const changed = (): string[] => readdirSync(scene.folder.path).filter((name) => name === '.env');

describe('the package @ngrok/ngrok from the registry', () => {
  beforeEach(() => {
    const install = ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', scene.folder.path];
    execFileSync(requiredProgram('npm'), [...install, '@ngrok/ngrok'], { stdio: 'ignore' });
  });

  test('has the parts that are used, and without an account the setup says what is missing', async () => {
    const require = createRequire(path.join(scene.folder.path, 'package.json'));
    const { forward, Listener } = require('@ngrok/ngrok') as {
      forward: unknown;
      Listener: { prototype: object };
    };
    expect(typeof forward).toBe('function');
    expect(Object.getOwnPropertyNames(Listener.prototype)).toEqual(expect.arrayContaining(['url', 'close']));

    const ran = await runSetup(scene.folder.path, [...options(), ...NGROK]);
    expect(ran.status).toBe(1);
    expect(ran.stdout).toMatch(
      /fail tunnel: NGROK_AUTHTOKEN is not set in the environment; .*dashboard\.ngrok\.com/u,
    );
    expect(changed()).toEqual([]);
    expect(scene.updates).toEqual([]);

    // ngrok refuses it; a machine without the internet does not reach ngrok.
    const refused = await runSetup(scene.folder.path, [...options(), ...NGROK], {
      NGROK_AUTHTOKEN: AUTHTOKEN,
    });
    expect(refused.status).toBe(1);
    expect(refused.stdout).toMatch(/fail tunnel: ngrok opens no tunnel: .+; compare NGROK_AUTHTOKEN with/u);
    expect(refused.stdout + refused.stderr).not.toContain(AUTHTOKEN);
    expect(changed()).toEqual([]);
  });
});

describe('a package with the same parts', () => {
  /** Its tunnel is TLS on this machine; it accepts one token. */
  function installStandIn(): Record<string, string> {
    const [cert, key, pids] = ['cert.pem', 'key.pem', 'pids'].map((name) => path.join(keys.path, name)) as [
      string,
      string,
      string,
    ];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const made = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert];
    execFileSync(requiredProgram('openssl'), ['req', ...made, ...names], { stdio: 'ignore' });
    const folder = path.join(scene.folder.path, 'node_modules/@ngrok/ngrok');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), '{"name":"@ngrok/ngrok","main":"index.js"}');
    writeFileSync(
      path.join(folder, 'index.js'),
      `const { spawn } = require('node:child_process');
       exports.forward = ({ addr, authtoken, domain }) => new Promise((resolve, reject) => {
         if (authtoken !== ${JSON.stringify(AUTHTOKEN)}) return reject(new Error('failed to connect session:\\n\\nERR_NGROK_105\\n'));
         if (domain !== undefined) return reject(new Error('ERR_NGROK_319 ' + domain));
         const child = spawn(process.execPath, ${JSON.stringify([TLS_TUNNEL])}.concat(String(addr), ${JSON.stringify([cert, key, pids])}));
         child.stdout.on('data', (data) => resolve({
           url: () => /https:\\S+/.exec(String(data))[0],
           close: async () => { child.kill(); },
         }));
       });`,
    );
    return { NODE_EXTRA_CA_CERTS: cert };
  }

  test('opens the tunnel that becomes PUBLIC_URL, and is closed at the end', async () => {
    const env = installStandIn();
    const ran = await runSetup(scene.folder.path, [...options(), ...NGROK], {
      ...env,
      NGROK_AUTHTOKEN: AUTHTOKEN,
    });
    expect(ran.status, ran.stdout + ran.stderr).toBe(0);
    expect(scene.env).toMatch(/^PUBLIC_URL=https:\/\/localhost:\d+$/mu);
    expect(scene.env).not.toContain(AUTHTOKEN);
    expect(ran.stdout).toMatch(/ok {3}test call: answered and recorded, .* through https:\/\/localhost:\d+/u);
  });

  test('opens another domain if that of the last tunnel is not available', async () => {
    const ran = await runSetup(
      scene.folder.path,
      [...options(), ...NGROK, '--public-url', 'https://old.ngrok-free.app', '--no-test-call'],
      { ...installStandIn(), NGROK_AUTHTOKEN: AUTHTOKEN },
    );
    expect(ran.status, ran.stdout + ran.stderr).toBe(0);
    expect(scene.env).toMatch(/^PUBLIC_URL=https:\/\/localhost:\d+$/mu);
  });

  test('that refuses the token is a visible failure on one line', async () => {
    const ran = await runSetup(scene.folder.path, [...options(), ...NGROK], {
      ...installStandIn(),
      NGROK_AUTHTOKEN: 'wrong',
    });
    expect(ran.status).toBe(1);
    expect(ran.stdout).toMatch(
      /fail tunnel: ngrok opens no tunnel: failed to connect session: ERR_NGROK_105; compare/u,
    );
    expect(changed()).toEqual([]);
  });

  test('on a terminal the token is asked for, and hidden', async () => {
    const env = installStandIn();
    const person = new Terminal([process.execPath, OFFHOOK, 'setup', ...options()], scene.folder.path, env);
    try {
      await person.sees('How does Twilio reach this machine?');
      person.type(`${DOWN}${ENTER}`);
      await person.sees('Authtoken of ngrok:');
      person.type(`${AUTHTOKEN}${ENTER}`);
      await person.sees('leads to this machine, with WebSockets');
      await person.sees(`${NUMBER} at Twilio changes:`);
      expect(person.shown).not.toContain(AUTHTOKEN);
    } finally {
      person.kill();
    }
  });
});
