import { describe, expect, test } from 'vitest';
import { proxyFor } from '../../src/settings/proxies.ts';
import { readSettings } from '../../src/settings/settings.ts';

const PROXY = 'http://proxy.example:3128/';

function read(env: Record<string, string>, dotEnv: Record<string, string> = {}) {
  return readSettings(env, { dotEnv, audioConfig: {} }, '/srv');
}

function warningsOf(env: Record<string, string>): readonly string[] {
  const result = read(env);
  if (!result.ok) throw new Error(result.errors.join('\n'));
  return result.warnings;
}

function settingsFrom(env: Record<string, string>) {
  const result = read(env);
  if (!result.ok) throw new Error(result.errors.join('\n'));
  return result.settings;
}

describe('the proxy variables', () => {
  test.each([
    [{ HTTPS_PROXY: PROXY }, PROXY, undefined],
    [{ HTTP_PROXY: PROXY }, undefined, PROXY],
    [{ ALL_PROXY: PROXY }, PROXY, PROXY],
    [{ https_proxy: PROXY, HTTPS_PROXY: 'http://other' }, PROXY, undefined],
    [{ all_proxy: 'http://other', HTTP_PROXY: PROXY }, 'http://other/', PROXY],
    [{ https_proxy: 'proxy.example:3128' }, PROXY, undefined],
    [{ HTTPS_PROXY: 'https://user:p%40ss@proxy.example' }, 'https://user:p%40ss@proxy.example/', undefined],
    [{ HTTPS_PROXY: '' }, undefined, undefined],
  ])('%o', (env, https, http) => {
    const { proxies } = settingsFrom(env);
    expect([proxies.https, proxies.http]).toEqual([https, http]);
  });

  test('are used for every service, for Twilio and the object store, by their addresses', () => {
    const settings = settingsFrom({
      ...{ HTTPS_PROXY: PROXY, NO_PROXY: 'speech.example', OPENAI_API_KEY: 'k' },
      ...{ CHAT_BASE_URL: 'http://127.0.0.1:11434/v1', SPEECH_BASE_URL: 'https://speech.example/v1' },
      RECORDINGS_STORE: 's3://calls',
    });
    expect(settings.transcription?.proxy).toBe(PROXY);
    expect(settings.chat?.proxy).toBeUndefined();
    expect(settings.speech?.proxy).toBeUndefined();
    expect(settings.store?.proxy).toBe(PROXY);
    expect(settings.twilio.proxy).toBe(PROXY);
  });

  test('in lower case in .env are no unknown names', () => {
    expect(read({}, { https_proxy: PROXY })).toMatchObject({ ok: true, warnings: [] });
    expect(read({ https_proxy: PROXY, no_proxy: '*' })).toMatchObject({ ok: true, warnings: [] });
  });

  test.each([
    'ftp://proxy.example',
    'http://',
    'http://proxy.example/path',
    'http://pro xy',
    'http://proxy:port',
  ])('"%s" is refused, and not shown, since it may contain a password', (address) => {
    const result = read({ HTTPS_PROXY: address });
    expect(result).toEqual({
      ok: false,
      errors: [
        'HTTPS_PROXY is not readable; it must be the address of an HTTP proxy, like http://proxy.example.com:3128.',
      ],
    });
  });

  test('a SOCKS proxy is refused where it would be used, and accepted beside HTTP proxies', () => {
    const all = { ALL_PROXY: 'socks5h://127.0.0.1:1080' };
    expect(read(all)).toMatchObject({ ok: false, errors: [expect.stringMatching(/SOCKS proxy/)] });
    expect(read({ ...all, HTTP_PROXY: PROXY, HTTPS_PROXY: PROXY }).ok).toBe(true);
  });
});

describe('NO_PROXY', () => {
  test('warns of entries that name nothing', () => {
    const usable =
      'localhost, .a.com *.b.com;10.*|10.|<local>,10.0.0.0/8,10.0.0.0/255.0.0.0,[fd00::1]:80,fd00::/8,c.com:443,"d.com",https://e.com/,*';
    const warningsFor = (except: string) =>
      warningsOf({ HTTPS_PROXY: PROXY, NO_PROXY: except }).filter((one) => one.includes('NO_PROXY'));
    expect(warningsFor(usable)).toEqual([]);
    expect(warningsFor('a.com,192.168.1,10.0.0.0/99,10.0.0.0/0.0.0.255,b.*.com')).toEqual(
      ['192.168.1', '10.0.0.0/99', '10.0.0.0/0.0.0.255', 'b.*.com'].map(
        (entry) =>
          `NO_PROXY has "${entry}", which is no host, address or network like 10.0.0.0/8; it has no effect.`,
      ),
    );
    expect(warningsOf({ NO_PROXY: '192.168.1' })).toEqual(warningsOf({}));
  });

  const isDirect = (address: string, except: string) =>
    proxyFor(address, { https: PROXY, http: PROXY, except }) === undefined;

  test.each([
    ['https://api.openai.com/v1', '', false],
    ['https://api.openai.com/v1', '*', true],
    ['https://api.openai.com/v1', 'localhost, openai.com', true],
    ['https://api.openai.com/v1', '.openai.com', true],
    ['https://api.openai.com/v1', '*.openai.com', true],
    ['https://api.openai.com/v1', 'API.OpenAI.com', true],
    ['https://api.openai.com/v1', 'ai.com', false],
    ['https://api.openai.com/v1', 'api.openai.com:443', true],
    ['https://api.openai.com/v1', 'api.openai.com:8443', false],
    ['http://llm.internal:8080/v1', 'llm.internal:8080', true],
    ['http://10.1.2.3/v1', '10.0.0.0/8', true],
    ['http://11.1.2.3/v1', '10.0.0.0/8', false],
    ['http://10.1.2.3/v1', '10.1.2.3', true],
    ['http://10.1.2.3/v1', '2.3', false],
    ['http://[fd00::1]/v1', '[fd00::1]', true],
    ['http://[fd00::1]:80/v1', 'fd00::/8', true],
    ['http://10.1.2.3/v1', '10.0.0.0/99', false],
    // From curl's documentation, Go's httpproxy tests and Python's urllib tests.
    ['http://www.example.com:80/', 'local.com,example.com', true],
    ['http://foobar.com', 'bar.com', false],
    ['http://newdomain.com:1234/', 'localhost, newdomain.com:1235', false],
    ['http://anotherdomain.com:8888/', 'localhost,anotherdomain.com:8888', true],
    // Windows: "Use the proxy server except for"; Java: http.nonProxyHosts.
    ['http://192.168.4.7/', 'localhost;192.168.*;<local>', true],
    ['http://192.169.4.7/', '192.168.*', false],
    ['http://10.1.2.3/', '10.', true],
    ['http://10.example.com/', '10.', false],
    ['http://whisper:9000/', '<local>', true],
    ['http://whisper.lan/', '<local>', false],
    ['http://llm.example.com/', 'a.com|*.example.com', true],
    ['http://llm.example.com./', 'llm.example.com', true],
    ['http://llm.example.com/', 'llm.example.com.', true],
    // Addresses, remains of a shell's quotation, and masks.
    ['https://llm.example.com/', 'https://llm.example.com/', true],
    ['http://llm.example.com:8080/', 'http://llm.example.com:8080', true],
    ['http://llm.example.com/', '"a.com,llm.example.com"', true],
    ['http://10.1.2.3/', '10.0.0.0/255.0.0.0', true],
    ['http://11.1.2.3/', '10.0.0.0/255.0.0.0', false],
    ['http://10.1.2.3/', '10.0.0.0/0.0.0.255', false],
  ])('%s with "%s": direct %s', (address, except, direct) => {
    expect(isDirect(address, except)).toBe(direct);
  });

  test.each([
    'http://localhost:11434/v1',
    'http://127.0.0.1/v1',
    'http://[::1]:1/',
    'http://0.0.0.0:1/',
    'http://llm.localhost/',
  ])('need not name this machine: %s', (address) => {
    expect(isDirect(address, '')).toBe(true);
  });
});
