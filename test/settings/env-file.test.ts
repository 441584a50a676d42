import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'dotenv';
import { describe, expect, test } from 'vitest';
import { envFileFrom, readEnvFile } from '../../src/settings/env-file.ts';
import { loadSettings } from '../../src/settings/settings.ts';

function read(contents: string | Uint8Array) {
  return envFileFrom('.env', Buffer.from(contents as string));
}

function valueOf(line: string): string | undefined {
  const { values, errors } = read(`${line}\nLAST=1\n`);
  if (errors.length > 0) throw new Error(errors.join());
  expect(values.LAST).toBe('1');
  return Object.values(values)[0];
}

describe('a value of a settings file', () => {
  test.each([
    ['a # without white space before it', 'ADMIN_PASSWORD=Tr0ub4dor#3', 'Tr0ub4dor#3'],
    ['in an address', 'DATABASE_URL=postgres://u:p#w@127.0.0.1/x', 'postgres://u:p#w@127.0.0.1/x'],
    ['in a token', 'API_TOKEN=abc#def', 'abc#def'],
    ["docker compose's documentation", 'VAR=VAL# not a comment', 'VAL# not a comment'],
    ["docker compose's documentation", 'VAR="VAL # not a comment" # c', 'VAL # not a comment'],
    ["docker compose's documentation", "VAR='Let\\'s go!'", "Let's go!"],
    ["docker compose's documentation", 'VAR="{\\"hello\\": \\"json\\"}"', '{"hello": "json"}'],
    ["docker compose's documentation", 'VAR="some\\tvalue"', 'some\tvalue'],
    ["docker compose's documentation", "VAR='some\\tvalue'", 'some\\tvalue'],
    ["python-dotenv's test_parser.py", 'a=b#c', 'b#c'],
    ["python-dotenv's test_parser.py", 'a=b #c', 'b'],
    ["python-dotenv's test_parser.py", 'uglyKey="S3cr3t_P4ssw#rD" #', 'S3cr3t_P4ssw#rD'],
    ["python-dotenv's test_parser.py", 'a=b space ', 'b space'],
    [
      "Nvir's documentation of the syntax",
      'KEY=value# No space, this is part of the value',
      'value# No space, this is part of the value',
    ],
    ['#, at its beginning', 'COLOUR=#ff0000', '#ff0000'],
    ['export', 'export  PORT = 8000', '8000'],
    ['a quotation mark inside', `A=don't "stop"`, `don't "stop"`],
    ['two lines', 'A="one\ntwo"', 'one\ntwo'],
    ['a dollar sign', 'A=pa$$word', 'pa$$word'],
    ['a backslash', 'A=C:\\new', 'C:\\new'],
  ])('with %s: %s', (_, line, value) => {
    expect(valueOf(line)).toBe(value);
  });

  test.each([
    'A=1\r\nB=2\r\n',
    'A=1\rB=2',
    'export A=1\nB: 2\n',
    `A='x y' # c\nB="x\\ny"\nC=\`x\`\nD=\nE=""\n`,
    '\n  # note\n\n A = b c \nB=xy=z',
    'A={"foo": "bar"}\nB=a=b==\nC=user@example.test\n',
  ])('is the one that dotenv reads: %j', (contents) => {
    expect(read(contents)).toEqual({ values: parse(contents), errors: [], warnings: [] });
  });
});

describe('the bytes of a settings file', () => {
  const TEXT = 'GREETING=Grüß Gott\r\nPORT=8123\r\n';
  const VALUES = { GREETING: 'Grüß Gott', PORT: '8123' };

  test.each([
    ['UTF-8', Buffer.from(TEXT)],
    ['UTF-8 with a byte order mark (Notepad)', Buffer.from(`\ufeff${TEXT}`)],
    ['UTF-16, little endian (Out-File of Windows PowerShell)', Buffer.from(`\ufeff${TEXT}`, 'utf16le')],
    ['UTF-16, big endian', Buffer.from(`\ufeff${TEXT}`, 'utf16le').swap16()],
  ])('are read in %s', (_, bytes) => {
    expect(read(bytes)).toEqual({ values: VALUES, errors: [], warnings: [] });
  });

  test.each([
    [
      'Latin-1',
      Buffer.from('PORT=1\nGREETING=Grüß\n', 'latin1'),
      '.env, line 2: is not UTF-8; save the file as UTF-8 text.',
    ],
    [
      'UTF-16 without a mark',
      Buffer.from('PORT=1\n', 'utf16le'),
      '.env, line 1: contains a NUL character; save the file as UTF-8 text.',
    ],
    ['half a character', Buffer.from([0xff, 0xfe, 0x41]), '.env is not valid UTF-16; save it as UTF-8 text.'],
    [
      'a damaged disk',
      Buffer.from('PORT=1\n\0\0\0'),
      '.env, line 2: contains a NUL character; save the file as UTF-8 text.',
    ],
  ])('are refused in %s', (_, bytes, sentence) => {
    expect(read(bytes)).toEqual({ values: {}, errors: [sentence], warnings: [] });
  });

  test('that nobody can read are an error, never an empty file', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'offhook-env-'));
    // Docker creates a directory for a mounted file that does not exist.
    mkdirSync(path.join(folder, '.env'));
    expect(readEnvFile(folder, '.env').errors).toEqual(['.env cannot be read (EISDIR).']);
    expect(readEnvFile(folder, 'audio_config.env').errors).toEqual([]);
  });
});

describe('a line that cannot be meant is refused with file and line', () => {
  test.each([
    ['PORT', '.env, line 2: is not NAME=value; a comment begins with "#".'],
    ['// note', '.env, line 2: is not NAME=value; a comment begins with "#".'],
    ['ADMIN PASSWORD=secret', '.env, line 2: is not NAME=value; a comment begins with "#".'],
    ['=secret', '.env, line 2: is not NAME=value; a comment begins with "#".'],
    ['ADMIN_PASSWORD="secret', '.env, line 2: ADMIN_PASSWORD opens a quotation that does not end.'],
    ["GREETING='Hello", '.env, line 2: GREETING opens a quotation that does not end.'],
    ['GREETING="Hello" there', '.env, line 2: GREETING has text after the closing quotation mark.'],
    ['HOST=1', '.env, line 2: HOST has another value than on line 1; keep one of them.'],
  ])('%s', (line, sentence) => {
    const { errors } = read(`HOST=0\n${line}\nPORT=1\n`);
    expect(errors).toEqual([sentence]);
  });

  test('the same value twice is accepted', () => {
    expect(read('PORT=1\nPORT=1\n').errors).toEqual([]);
  });

  test('all are named at once, none with its words', () => {
    const { errors } = read('secret\nPORT="secret\nA=1\nA=2\n');
    expect(errors).toHaveLength(3);
    expect(errors.join()).not.toContain('secret');
  });
});

describe('a value that a comment may have cut', () => {
  const ENDS =
    'if the rest belongs to it, put all of it in quotes, otherwise put the comment on a line of its own.';

  test.each([
    'ADMIN_PASSWORD=correct #horse',
    'ADMIN_PASSWORD= #horse',
    'API_TOKEN=correct\t# mine',
    'ADMIN_PASSWORD="correct"#horse',
  ])('admits nobody: %s', (line) => {
    const [name] = line.split('=');
    expect(read(line).errors).toEqual([`.env, line 1: the value of ${name} ends before "#"; ${ENDS}`]);
  });

  test('is warned of where it is a key, an address of a database, or a text', () => {
    const { errors, warnings } = read(
      'OPENAI_API_KEY=sk #1\nDATABASE_URL=postgres://h/x # ours\nINSTRUCTIONS=You are agent #1 of Acme.\nGREETING=Hello # short\nPORT=1 #2\n',
    );
    expect(errors).toEqual([]);
    expect(warnings.map((warning) => warning.replace(`; ${ENDS}`, ''))).toEqual([
      '.env, line 1: the value of OPENAI_API_KEY ends before "#"',
      '.env, line 2: the value of DATABASE_URL ends before "#"',
      '.env, line 3: the value of INSTRUCTIONS ends before "#"',
    ]);
  });

  test('is whole in quotes', () => {
    const { values, errors, warnings } = read('ADMIN_PASSWORD="correct #horse" # mine\n');
    expect([values.ADMIN_PASSWORD, errors, warnings]).toEqual(['correct #horse', [], []]);
  });
});

describe('a value that is probably not what was meant', () => {
  test.each([
    [
      'ADMIN_PASSWORD=“secret word”',
      'has typographic quotation marks; write it in straight ones, or in none',
    ],
    ['API_TOKEN=secret\u200b', 'contains an invisible character; type it anew'],
    [
      'ADMIN_PASSWORD=${PW}x',
      'contains ${…}, which offhook does not replace; write the value itself, or put it in quotes if it is meant',
    ],
  ])('admits nobody: %s', (line, found) => {
    const [name] = line.split('=');
    expect(read(line).errors).toEqual([`.env, line 1: the value of ${name} ${found}.`]);
  });

  test('is warned of elsewhere, and is meant in quotes and in texts', () => {
    const { errors, warnings } = read(
      "CHAT_API_KEY=${OPENAI_API_KEY}\nGREETING=“Hello”\nADMIN_PASSWORD='${x} “y”'\n",
    );
    expect(errors).toEqual([]);
    expect(warnings).toEqual([
      expect.stringMatching(/^\.env, line 1: the value of CHAT_API_KEY contains \$\{…\}/),
    ]);
  });
});

describe('loadSettings', () => {
  function load(contents: string) {
    const folder = mkdtempSync(path.join(tmpdir(), 'offhook-env-'));
    writeFileSync(path.join(folder, '.env'), contents);
    return loadSettings(folder, {});
  }

  test('keeps a password as it is written, with spaces at its ends', () => {
    const result = load('ADMIN_PASSWORD=" hunter#2 "\n');
    expect(result.ok && result.settings.access.adminPassword).toBe(' hunter#2 ');
  });

  test('refuses a password that cannot be typed', () => {
    expect(load('ADMIN_PASSWORD="one\ntwo"\n')).toEqual({
      ok: false,
      errors: ['ADMIN_PASSWORD is not readable; it must be a text on one line.'],
    });
  });

  test('refuses a directory whose backslashes were read as control characters', () => {
    const result = load(String.raw`RECORDINGS_DIRECTORY="C:\new\temp"`);
    expect(result.ok ? [] : result.errors).toEqual([
      expect.stringMatching(
        /^RECORDINGS_DIRECTORY is "C:\\new\\temp"; it must be the path of a directory, on one line, .* single quotes\.$/u,
      ),
    ]);
    const meant = load(String.raw`RECORDINGS_DIRECTORY='C:\new\temp'`);
    expect(meant.ok && meant.settings.recording.directory).toContain(String.raw`C:\new\temp`);
  });

  test('refuses the name of a model over two lines, and keeps a greeting over two lines', () => {
    expect(load('CHAT_MODEL="a\nb"\n')).toMatchObject({ ok: false });
    expect(load('GREETING="Hello.\nHow can I help?"\n')).toMatchObject({ ok: true });
  });

  test('returns the errors of a file alone, and its warnings before others', () => {
    expect(load('PORT=x\nHOST="\n')).toEqual({
      ok: false,
      errors: ['.env, line 2: HOST opens a quotation that does not end.'],
    });
    const result = load('COLOUR=1\nGREETING=We are #1.\n');
    expect(result.ok && result.warnings.map((warning) => warning.slice(0, 12))).toEqual([
      '.env, line 2',
      '.env sets CO',
    ]);
  });
});
