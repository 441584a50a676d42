import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadSettings, readSettings, type Settings } from '../../src/settings/settings.ts';
import { SETTING_TABLE } from '../../src/settings/table.ts';
import { FOREIGN_NAMES } from '../support/foreign-names.ts';

const NO_FILES = { dotEnv: {}, audioConfig: {} };

function settingsFrom(env: Record<string, string>, files = NO_FILES): Settings {
  const result = readSettings(env, files, '/srv/offhook');
  if (!result.ok) throw new Error(result.errors.join('\n'));
  return result.settings;
}

function errorsFrom(env: Record<string, string>): readonly string[] {
  const result = readSettings(env, NO_FILES, '/srv/offhook');
  return result.ok ? [] : result.errors;
}

function warningsFrom(env: Record<string, string>, files = NO_FILES): readonly string[] {
  const result = readSettings(env, files, '/srv/offhook');
  return result.ok ? result.warnings : ['not readable'];
}

describe('the source of a setting', () => {
  test('the process environment has priority over .env, audio_config.env and the default', () => {
    const audioConfig = { PORT: '3', MP3_BITRATE: '64k', END_OF_TURN_MS: '900' };
    const dotEnv = { PORT: '2', MP3_BITRATE: '96k' };
    const settings = settingsFrom({ PORT: '1' }, { dotEnv, audioConfig });
    expect(settings.port).toBe(1);
    expect(settings.recording.mp3Bitrate).toBe(96);
    expect(settings.call.turns.endOfTurnMs).toBe(900);
    expect(settings.call.turns.preRollMs).toBe(300);
  });

  test('an empty value hides lower sources and means the default', () => {
    const settings = settingsFrom(
      { OPENAI_API_KEY: '' },
      { dotEnv: { OPENAI_API_KEY: 'sk-1' }, audioConfig: {} },
    );
    expect(settings.chat).toBeUndefined();
  });

  test('loadSettings reads both files of the directory, and a missing file is no error', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'offhook-settings-'));
    expect(loadSettings(folder, {})).toEqual(readSettings({}, NO_FILES, folder));
    writeFileSync(path.join(folder, '.env'), 'PORT=8123 # mine\n');
    writeFileSync(path.join(folder, 'audio_config.env'), 'DEFAULT_AUDIO_FORMAT=flac\nPORT=1\n');
    const result = loadSettings(folder, {});
    expect(result.ok && result.settings.port).toBe(8123);
    expect(result.ok && result.settings.recording.defaultFormat).toBe('flac');
  });

  test('directories are absolute, relative to the directory of the program', () => {
    const { recording, promptsDirectory } = settingsFrom({
      RECORDINGS_DIRECTORY: 'out',
      PROMPTS_DIRECTORY: '/p',
    });
    expect(recording.directory).toBe('/srv/offhook/out');
    expect(recording.microphoneDirectory).toBe('/srv/offhook/recordings');
    expect(promptsDirectory).toBe('/p');
  });
});

describe('invalid settings', () => {
  // theskumar/python-dotenv#250, astral-sh/uv#9326, pypa/pipx#94: a directory named "~" is made.
  test.each([
    ['RECORDINGS_DIRECTORY', '~/calls'],
    ['RECORDINGS_DIRECTORY', '${HOME}/calls'],
    ['MICROPHONE_DIRECTORY', '$HOME/recordings'],
    ['PROMPTS_DIRECTORY', '%USERPROFILE%\\prompts'],
    ['DATABASE_URL', 'sqlite:~/calls.db'],
    ['DATABASE_URL', 'sqlite:$DATA/calls.db'],
  ])('%s=%s is refused: nothing replaces what a shell would', (name, written) => {
    expect(errorsFrom({ [name]: written })).toEqual([expect.stringMatching(/must be .*~ and variables/)]);
  });

  test.each(['/srv/calls~', 'C:\\Users\\ADMIN~1\\calls', '/data/$x', '/data/100%'])(
    'a directory may be named %s',
    (directory) => {
      expect(errorsFrom({ RECORDINGS_DIRECTORY: directory })).toEqual([]);
    },
  );

  test('are all reported at once, each with the accepted values', () => {
    const errors = errorsFrom({
      PORT: 'http',
      DEFAULT_AUDIO_FORMAT: 'aac',
      RECORD_CONVERSATIONS: 'maybe',
      MP3_BITRATE: '129k',
      TWILIO_AUTH_TOKEN: 'token',
    });
    expect(errors).toHaveLength(6);
    expect(errors.join('\n')).toMatch(/PORT is "http"; it must be a whole number from 0 to 65535/);
    expect(errors.join('\n')).toMatch(/DEFAULT_AUDIO_FORMAT is "aac"; it must be one of mp3, wav, ogg, flac/);
    expect(errors.join('\n')).toMatch(/RECORD_CONVERSATIONS is "maybe"; it must be true or false/);
    expect(errors.join('\n')).toMatch(/MP3_BITRATE is "129k"; MP3 has only 8k.* 128k.* 320k/);
    expect(errors.join('\n')).toMatch(/PUBLIC_URL is missing/);
    expect(errors.join('\n')).toMatch(
      /TWILIO_AUTH_TOKEN has 5 characters; it must be .* 32 hexadecimal digits/,
    );
  });

  test('a wrong PUBLIC_URL is not also reported as missing', () => {
    const errors = errorsFrom({ TWILIO_AUTH_TOKEN: '0'.repeat(32), PUBLIC_URL: 'example.com' });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain('https://example.com');
  });

  test.each(['ADMIN_PASSWORD', 'API_TOKEN'])('an empty %s is refused, in every layer', (name) => {
    for (const empty of ['', '  ']) {
      const sentence = `${name} is empty, which protects nothing; set it to a long text, or remove its line.`;
      expect(errorsFrom({ [name]: empty })).toEqual([sentence]);
      const result = readSettings({}, { dotEnv: { [name]: empty }, audioConfig: {} }, '/srv');
      expect(result).toEqual({ ok: false, errors: [sentence] });
    }
  });

  test('the secret of an API key is no auth token; the tokens of compatible providers are', () => {
    const secret = 'kJ8sXo0aQ2vL5nR7tY9wZ1bC3dE5fG7h';
    const env = { TWILIO_AUTH_TOKEN: secret, PUBLIC_URL: 'https://phone.example.com' };
    const [error] = errorsFrom(env);
    expect(error).toMatch(/^TWILIO_AUTH_TOKEN has 32 characters; .*The secret of an API key does not verify/);
    expect(error).not.toContain(secret);
    expect(settingsFrom({ ...env, TWILIO_API_BASE_URL: 'https://api.example.net' }).twilio.authToken).toBe(
      secret,
    );
  });

  test('quotation marks of docker --env-file around a key are refused, and around a text reported', () => {
    const [error] = errorsFrom({ OPENAI_API_KEY: '"sk-1"' });
    expect(error).toMatch(
      /^OPENAI_API_KEY is not readable; it must be .* without quotation marks around them/u,
    );
    const result = readSettings(
      { ADMIN_PASSWORD: "'long enough'", PORT: '1' },
      { dotEnv: {}, audioConfig: {} },
      '/srv',
    );
    expect(result.ok && result.warnings.filter((one) => one.includes('quotation'))).toEqual([
      expect.stringMatching(/^ADMIN_PASSWORD in the environment has quotation marks/u),
    ]);
  });

  test('a key that cannot be a header is refused without being repeated', () => {
    const [error] = errorsFrom({ OPENAI_API_KEY: 'sk-private with space' });
    expect(error).toMatch(/^OPENAI_API_KEY is not readable/);
    expect(error).not.toContain('private');
  });

  test.each([
    ['auto', '144k', true],
    ['auto', '192k', true],
    ['auto', '320k', true],
    ['auto', '200k', false],
    ['8000', '64k', true],
    ['8000', '128k', false],
    ['16000', '160k', true],
    ['16000', '192k', false],
    ['48000', '144k', false],
    ['24000', '160k', true],
    ['24000', '192k', false],
    ['48000', '192k', true],
    ['11025', '64k', false],
  ])('at rate %s a bitrate of %s is accepted: %s', (rate, bitrate, accepted) => {
    expect(errorsFrom({ RECORDING_SAMPLE_RATE: rate, MP3_BITRATE: bitrate }).length === 0).toBe(accepted);
  });

  test('every setting accepts or refuses any text, without an exception', () => {
    for (const { name } of SETTING_TABLE)
      for (const written of ['-1', 'NaN', '1e9', '💥', '../..', 'http://', '0x10', ' '])
        expect(() => errorsFrom({ [name]: written })).not.toThrow();
    expect(errorsFrom({ PORT: '0x10' })).toHaveLength(1);
    expect(errorsFrom({ END_OF_TURN_MS: '-1' })).toHaveLength(1);
  });
});

describe('the services', () => {
  test('are off without a key', () => {
    const settings = settingsFrom({});
    expect([settings.transcription, settings.chat, settings.speech]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('are all switched on by one key', () => {
    const { transcription, chat, speech } = settingsFrom({ OPENAI_API_KEY: 'sk', SPEECH_VOICE: 'coral' });
    for (const service of [transcription, chat, speech])
      expect(service).toMatchObject({ apiKey: 'sk', baseUrl: 'https://api.openai.com/v1' });
    expect(speech?.voice).toBe('coral');
  });

  test('a separate base URL switches one service on, without the key of another server', () => {
    const env = { OPENAI_API_KEY: 'sk', CHAT_BASE_URL: 'http://localhost:11434/v1/', CHAT_MODEL: 'small' };
    expect(settingsFrom(env).chat).toEqual({ model: 'small', baseUrl: 'http://localhost:11434/v1' });
    expect(settingsFrom({ CHAT_BASE_URL: 'http://localhost/v1' }).speech).toBeUndefined();
  });

  test('a shared base URL without a key switches nothing on, with a warning', () => {
    expect(settingsFrom({ OPENAI_BASE_URL: 'http://localhost/v1' }).chat).toBeUndefined();
    expect(warningsFrom({ OPENAI_BASE_URL: 'http://localhost/v1' })).toHaveLength(1);
  });
});

describe('local requests', () => {
  const TOKEN = { TWILIO_AUTH_TOKEN: '0'.repeat(32), TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}` };

  test.each([
    [{}, true],
    [{ PUBLIC_URL: 'http://localhost:8000' }, true],
    [{ PUBLIC_URL: 'http://127.0.0.1:8000' }, true],
    [{ PUBLIC_URL: 'https://phone.example.test' }, false],
    [{ PUBLIC_URL: 'https://localhost.example.test' }, false],
    [{ ...TOKEN, PUBLIC_URL: 'https://localhost:8000' }, false],
  ])('%o: they exist: %s; otherwise a missing password causes a warning', (env, exist) => {
    expect(settingsFrom(env).access.localRequests).toBe(exist);
    const warnings = (password: object) =>
      warningsFrom({ ...env, ...password }).filter((warning) => warning.startsWith('ADMIN_PASSWORD'));
    expect(warnings({})).toHaveLength(exist ? 0 : 1);
    expect(warnings({ ADMIN_PASSWORD: 'p' })).toEqual([]);
  });
});

describe('a misspelt setting', () => {
  test('in a file causes a warning with the probable name', () => {
    const files = { dotEnv: { RECORD_CONVERSATION: 'false', COLOUR: 'red' }, audioConfig: {} };
    expect(warningsFrom({}, files)).toEqual([
      '.env sets RECORD_CONVERSATION, which is not a setting of offhook; it is ignored. Did you mean RECORD_CONVERSATIONS?',
      '.env sets COLOUR, which is not a setting of offhook; it is ignored.',
    ]);
  });

  test.each([
    ['RECORD_CONVERSATION', 'RECORD_CONVERSATIONS'],
    ['RECORDCONVERSATIONS', 'RECORD_CONVERSATIONS'],
    ['RECORD_CONVERSTIONS', 'RECORD_CONVERSATIONS'],
    ['RECORDING_DIRECTRY', 'RECORDINGS_DIRECTORY'],
    ['OPENAI_APIKEY', 'OPENAI_API_KEY'],
    ['OPEN_AI_API_KEY', 'OPENAI_API_KEY'],
    ['OPENAI_API_KYE', 'OPENAI_API_KEY'],
    ['OPENAI_BASEURL', 'OPENAI_BASE_URL'],
    ['TWILIO_AUTH_TOKN', 'TWILIO_AUTH_TOKEN'],
    ['TWILLIO_ACOUNT_SID', 'TWILIO_ACCOUNT_SID'],
    ['TWILIO_ACCOUNTSID', 'TWILIO_ACCOUNT_SID'],
    ['PUBLICURL', 'PUBLIC_URL'],
    ['PUBLIC_ULR', 'PUBLIC_URL'],
    ['ADMIN_PASWORD', 'ADMIN_PASSWORD'],
    ['MAX_CALL', 'MAX_CALLS'],
    ['MAXCALLS', 'MAX_CALLS'],
    ['GREETINGS', 'GREETING'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['API_TOKENS', 'API_TOKEN'],
    ['mp3_bitrate', 'MP3_BITRATE'],
    ['END_OF_TURNS_MS', 'END_OF_TURN_MS'],
    ['PENDING_DAY', 'PENDING_DAYS'],
  ])(
    'in the environment, %s, causes a warning with the name %s, and its value is not shown',
    (name, meant) => {
      expect(warningsFrom({ [name]: 'private' })).toEqual([
        `The environment sets ${name}, which is not a setting of offhook; it is ignored. Did you mean ${meant}?`,
      ]);
    },
  );

  test('is not assumed if the similar setting is set too', () => {
    expect(warningsFrom({ OPENAI_API_KEYS: 'a,b', OPENAI_API_KEY: 'sk' })).toEqual([]);
  });

  test('with one letter missing in a long name causes a warning', () => {
    const long = SETTING_TABLE.map(({ name }) => name).filter(
      (name) => name.length >= 12 && name.indexOf('_') > 2,
    );
    expect(long.length).toBeGreaterThan(30);
    for (const name of long) {
      const at = name.search(/[A-Z](?=_|$)/);
      expect(warningsFrom({ [name.slice(0, at) + name.slice(at + 1)]: 'x' })).toHaveLength(1);
    }
  });

  test('is not assumed in what a desktop, a shell, a container, CI and other programs set', () => {
    const foreign = Object.fromEntries(FOREIGN_NAMES.map((name) => [name, 'x']));
    expect(warningsFrom(foreign)).toEqual([]);
  });
});

test.each([
  ['PUBLIC_URL', 'phone.example.com', 'https://phone.example.com'],
  ['PUBLIC_URL', 'phone.example.com:8443/desk', 'https://phone.example.com:8443/desk'],
  ['CHAT_BASE_URL', 'localhost:11434/v1', 'http://localhost:11434/v1'],
  ['CHAT_BASE_URL', '192.168.1.4:8000', 'http://192.168.1.4:8000'],
  ['S3_ENDPOINT', 'minio:9000', 'http://minio:9000'],
  ['REALTIME_BASE_URL', 'voice.example.com/v1', 'wss://voice.example.com/v1'],
  ['REALTIME_BASE_URL', 'http://localhost:8000/v1', 'ws://localhost:8000/v1'],
  ['REALTIME_BASE_URL', 'https://voice.example.com/v1', 'wss://voice.example.com/v1'],
  ['REALTIME_BASE_URL', 'ws//localhost:8000/v1', 'ws://localhost:8000/v1'],
  ['CHAT_BASE_URL', 'ws://localhost:11434/v1', 'http://localhost:11434/v1'],
  ['CHAT_BASE_URL', 'ftp://localhost:11434/v1', undefined],
  ['PUBLIC_URL', 'phone.example.com/incoming-call', undefined],
  ['PUBLIC_URL', 'user:secret@phone.example.com', undefined],
])('%s=%s, without its scheme, is refused with %s', (name, written, meant) => {
  const [error] = errorsFrom({ [name]: written });
  expect(error).toMatch(/it must be an address/);
  expect(/ Did you mean (.*)\?$/.exec(error!)?.[1]).toBe(meant);
});

describe('a value that is nearly an accepted word', () => {
  test.each([
    ['EAGER_REPLIES', 'repl', 'reply'],
    ['EAGER_REPLIES', 'replies', 'reply'],
    ['EAGER_REPLIES', 'of', 'off'],
    ['LOG_LEVEL', 'warning', 'warn'],
    ['LOG_LEVEL', 'inof', 'info'],
    ['LOG_FORMAT', 'jsno', 'json'],
    ['DEFAULT_AUDIO_FORMAT', '.mp3', 'mp3'],
    ['DEFAULT_AUDIO_FORMAT', 'wave', 'wav'],
    ['RECORDING_CHANNELS', 'steroe', 'stereo'],
    ['RECORD_CONVERSATIONS', 'Ture', 'true'],
    ['S3_FORCE_PATH_STYLE', 'flase', 'false'],
    ['ANSWER_FIRST', 'asistent', 'assistant'],
    ['CHAT_REASONING_EFFORT', 'med', 'medium'],
    ['SPEECH_ENGINE', 'real-time', 'realtime'],
    ['RECORDING_SAMPLE_RATE', 'automatic', 'auto'],
    ['TRUST_PROXY', 'loopback, uniqelocal, 10.0.0.0/8', 'uniquelocal'],
    ['TRUST_PROXY', 'loopbak;', 'loopback'],
  ])('%s=%s is refused with the word %s', (name, written, meant) => {
    const [error, ...more] = errorsFrom({ [name]: written });
    expect(more).toEqual([]);
    expect(error).toMatch(new RegExp(`it must be .*\\. Did you mean ${meant}\\?$`));
  });

  test('every word of every setting, with its last letters swapped, is recognised or ambiguous; never another word', () => {
    const settings = SETTING_TABLE.filter(({ setting }) => setting.type.words !== undefined);
    expect(settings.length).toBeGreaterThan(10);
    let recognised = 0;
    for (const { name, setting } of settings)
      for (const word of setting.type.words!.filter(({ length }) => length >= 4)) {
        const [error] = errorsFrom({ [name]: word.replace(/(.)(.)$/, '$2$1') });
        const meant = / Did you mean (.*)\?$/.exec(error ?? '')?.[1];
        if (meant !== undefined) expect(meant, `${name}=${word}`).toBe(word);
        if (meant !== undefined) recognised++;
      }
    expect(recognised).toBeGreaterThan(25);
  });

  test.each([
    ['LOG_LEVEL', 'verbose'],
    ['DEFAULT_AUDIO_FORMAT', 'aac'],
    ['DEFAULT_AUDIO_FORMAT', 'mp4'],
    ['DEFAULT_AUDIO_FORMAT', 'mp3,wav'],
    ['RECORD_CONVERSATIONS', 'o'],
    ['TRUST_PROXY', '10.0.0.0/8, proxy.example.com'],
    ['RECORDING_SAMPLE_RATE', '44000'],
  ])('is not assumed in %s=%s', (name, written) => {
    const [error] = errorsFrom({ [name]: written });
    expect(error).toMatch(/it must be /);
    expect(error).not.toContain('Did you mean');
  });
});

test('settings cannot be changed after they were read', () => {
  const settings = settingsFrom({}) as { call: { turns: { endOfTurnMs: number } } };
  expect(() => (settings.call.turns.endOfTurnMs = 1)).toThrow(TypeError);
});

describe('the object store', () => {
  const S3 = { RECORDINGS_STORE: 's3://calls-of-ours/2026/front-desk/' };

  test('is undefined by default', () => {
    expect(settingsFrom({}).store).toBeUndefined();
  });

  test('is a bucket and a prefix; without keys the AWS SDK finds them', () => {
    expect(settingsFrom(S3).store).toEqual({
      url: 's3://calls-of-ours/2026/front-desk',
      bucket: 'calls-of-ours',
      forcePathStyle: false,
      presignedSeconds: 300,
    });
    expect(settingsFrom({ RECORDINGS_STORE: 's3://b.c' }).store?.url).toBe('s3://b.c');
  });

  test('of another provider has an endpoint, keys, and the bucket in the path', () => {
    const settings = settingsFrom({
      ...S3,
      S3_ENDPOINT: 'http://127.0.0.1:9000/',
      S3_REGION: 'eu-central-1',
      S3_ACCESS_KEY_ID: 'id',
      S3_SECRET_ACCESS_KEY: 'key',
      PRESIGNED_SECONDS: '60',
    });
    expect(settings.store).toMatchObject({
      endpoint: 'http://127.0.0.1:9000',
      region: 'eu-central-1',
      key: { accessKeyId: 'id', secretAccessKey: 'key' },
      forcePathStyle: true,
      presignedSeconds: 60,
    });
    const hosted = { ...S3, S3_ENDPOINT: 'https://s3.example.com', S3_FORCE_PATH_STYLE: 'false' };
    expect(settingsFrom(hosted).store?.forcePathStyle).toBe(false);
  });

  test.each([
    'calls',
    '/srv/calls',
    'https://calls.s3.amazonaws.com',
    's3://',
    's3://Calls',
    's3://ab',
    's3://a..b',
    's3://calls/../other',
    's3://calls//x',
    's3://calls/a b',
    's3://calls?region=x',
  ])('cannot be "%s"', (address) => {
    const [error, ...others] = errorsFrom({ RECORDINGS_STORE: address });
    expect(others).toEqual([]);
    expect(error).toBe(
      `RECORDINGS_STORE is "${address}"; it must be an address like s3://bucket or s3://bucket/prefix, or nothing for the local folder; a bucket has 3 to 63 lower-case letters, digits, dots and hyphens, with a letter or digit at both ends.`,
    );
  });

  test('needs both parts of a key, and never shows them', () => {
    expect(errorsFrom({ ...S3, S3_ACCESS_KEY_ID: 'id' })).toEqual([
      'S3_SECRET_ACCESS_KEY is missing; S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be set together.',
    ]);
    const errors = errorsFrom({ ...S3, S3_ACCESS_KEY_ID: 'id', S3_SECRET_ACCESS_KEY: 'a secret' });
    expect(errors).toHaveLength(1);
    expect(errors[0]).not.toContain('a secret');
  });

  test('warns of its other settings if it is not set', () => {
    expect(warningsFrom({ S3_ENDPOINT: 'http://127.0.0.1:9000' })).toEqual([
      'S3 settings without RECORDINGS_STORE: finished files stay in RECORDINGS_DIRECTORY.',
    ]);
  });
});

test('PROMPTS_DIRECTORY that does not exist is warned of, unless it is the default', () => {
  expect(warningsFrom({})).toEqual([]);
  expect(warningsFrom({ PROMPTS_DIRECTORY: tmpdir() })).toEqual([]);
  expect(warningsFrom({ PROMPTS_DIRECTORY: 'promts' })).toEqual([
    'PROMPTS_DIRECTORY is "promts", which does not exist: the shipped phrases are played.',
  ]);
});

test('PORT on which browsers open no page is warned of', () => {
  expect(warningsFrom({ PORT: '6000' })).toEqual([
    'PORT is "6000", which browsers do not open; pages are reachable only through a proxy on another port.',
  ]);
  expect(warningsFrom({ PORT: '6001' })).toEqual([]);
});

describe('LANGUAGE', () => {
  const files = (dotEnv: Record<string, string> = {}) => ({ dotEnv, audioConfig: {} });

  test.each(['en_US:en', 'de_DE.UTF-8', 'de:en'])(
    '%s, as GNU systems set it, is ignored with a warning',
    (value) => {
      const result = readSettings({ LANGUAGE: value }, files({ LANGUAGE: 'de' }), '/srv');
      if (!result.ok) throw new Error(result.errors.join());
      expect(result.settings.language).toBe('de');
      expect(result.warnings.filter((warning) => warning.includes(value))).toHaveLength(1);
    },
  );

  test('is used if it is a language, and an error if it is wrong in a file', () => {
    expect(readSettings({ LANGUAGE: 'pt-BR' }, files(), '/srv')).toMatchObject({
      settings: { language: 'pt-BR' },
    });
    expect(readSettings({}, files({ LANGUAGE: 'en_US:en' }), '/srv').ok).toBe(false);
  });
});

describe('a warning', () => {
  test.each([
    [{ MP3_ENCODER: 'lamejs', MP3_BITRATE: '8k', RECORDING_CHANNELS: 'stereo' }, '32k'],
    [{ MP3_ENCODER: 'lamejs', RECORDING_SAMPLE_RATE: '48000', MP3_BITRATE: '32k' }, '64k'],
    [{ MP3_BITRATE: '56k', RECORDING_SAMPLE_RATE: '48000', RECORDING_CHANNELS: 'stereo' }, '128k'],
    [{ MP3_BITRATE: '8k', RECORDING_CHANNELS: 'stereo' }, undefined],
    [{ MP3_ENCODER: 'lamejs' }, undefined],
  ])('names the bitrate that the encoder writes instead: %j', (env, written) => {
    const warnings = warningsFrom(env);
    expect(warnings).toHaveLength(written === undefined ? 0 : 1);
    if (written !== undefined) expect(warnings[0]).toContain(`MP3 files are written at ${written}`);
  });

  test('of a public address without a token says that no telephone route is served', () => {
    const warnings = warningsFrom({ PUBLIC_URL: 'https://phone.example.com' });
    expect(warnings).toEqual([
      expect.stringMatching(/^ADMIN_PASSWORD is not set: only the status at \/health is served/),
      expect.stringMatching(/TWILIO_AUTH_TOKEN: no telephone route is served/),
    ]);
  });
});

test.each([
  ['PUBLIC_URL', 'http://u:hunter2@h', 'http://***@h'],
  ['OPENAI_BASE_URL', 'https://u:hunter2/x@y@h:port/v1?a=b', 'https://***@h:port/v1?a=b'],
  ['S3_ENDPOINT', 'u:hunter2@h', '***@h'],
  ['RECORDINGS_STORE', 'S4://u:hunter2@bucket', 'S4://***@bucket'],
  ['HOST', 'http://hunter2@h', 'http://***@h'],
])('the error of %s masks the password in its address', (name, text, shown) => {
  const [error] = errorsFrom({ [name]: text });
  expect(error).toContain(`${name} is "${shown}"`);
  expect(error).not.toContain('hunter2');
});

describe('DATABASE_URL', () => {
  const PLAIN_URL = 'postgres://u:secret@h/x';

  test.each([
    ['postgres://u:p#w@127.0.0.1/x', 'postgres://u:p%23w@127.0.0.1/x'],
    ['mysql://u:p@ss@h:3306/x?ssl-mode=REQUIRED', 'mysql://u:p%40ss@h:3306/x?ssl-mode=REQUIRED'],
    ['postgres://u:100%@h/x', 'postgres://u:100%25@h/x'],
    ['postgres://u:p%23w@h/x?options=-c%20a=b@c', 'postgres://u:p%23w@h/x?options=-c%20a=b@c'],
    [PLAIN_URL, PLAIN_URL],
  ])('%s has the password that is written', (written, read) => {
    expect(settingsFrom({ DATABASE_URL: written }).databaseUrl).toBe(read);
  });

  test.each([
    // https://jdbc.postgresql.org/documentation/use, https://docs.sqlalchemy.org/en/20/core/engines.html
    ['jdbc:postgresql://h/x?user=u&password=p', 'postgresql://h/x?user=u&password=p'],
    ['jdbc:mysql://h:3306/x?useSSL=true', 'mysql://h:3306/x?useSSL=true'],
    ['postgresql+asyncpg://u:p#w@h/x', 'postgresql://u:p%23w@h/x'],
    ['mysql+pymysql://u:p@h/x', 'mysql://u:p@h/x'],
  ])('%s may name the driver of another program', (written, read) => {
    expect(settingsFrom({ DATABASE_URL: written }).databaseUrl).toBe(read);
  });

  test.each([
    ['postgres:///x?host=/var/run/postgresql', 'postgres://localhost/x?host=/var/run/postgresql'],
    ['postgresql://u:p@/x?user=u&host=/run', 'postgresql://u:p@localhost/x?user=u&host=/run'],
  ])('%s may name its server in the query alone', (written, read) => {
    expect(settingsFrom({ DATABASE_URL: written }).databaseUrl).toBe(read);
  });

  test('of PostgreSQL takes PGSSLMODE, unless it has an sslmode', () => {
    const urlOf = (url: string) => settingsFrom({ DATABASE_URL: url, PGSSLMODE: 'verify-full' }).databaseUrl;
    expect(urlOf(PLAIN_URL)).toBe(`${PLAIN_URL}?sslmode=verify-full`);
    expect(urlOf(`${PLAIN_URL}?sslmode=disable`)).toBe(`${PLAIN_URL}?sslmode=disable`);
    expect(urlOf('mysql://u@h/x')).toBe('mysql://u@h/x');
  });

  test('is never shown, since it contains a password', () => {
    const [error] = errorsFrom({ DATABASE_URL: 'postgres://u:sec/ret@h:port/x' });
    expect(error).toMatch(/^DATABASE_URL is not readable; .* written %2F and %3F/);
    expect(error).not.toContain('ret@');
  });
});
