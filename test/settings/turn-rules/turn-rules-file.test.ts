import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSettings } from '../../../src/settings/settings.ts';
import { readTurnRules } from '../../../src/settings/turn-rules/turn-rules-file.ts';

const FOLDER = mkdtempSync(path.join(tmpdir(), 'offhook-rules-'));
const FILE = path.join(FOLDER, 'rules.yaml');
const NO_FILES = { dotEnv: {}, audioConfig: {} };

afterAll(() => rmSync(FOLDER, { recursive: true }));

function reading(content: string | Uint8Array): ReturnType<typeof readTurnRules> {
  writeFileSync(FILE, content);
  return readTurnRules(FILE);
}

/** The errors without the name of the file. */
function errorsOf(content: string | Uint8Array): string[] {
  return (reading(content).errors ?? []).map((error) => error.replace(`${FILE}, `, '').replace(FILE, 'it'));
}

describe('readTurnRules', () => {
  it('reads phrases by language, as callers say them', () => {
    const { rules, errors } = reading(
      [
        '# our own words',
        'nl:',
        '  assent: [Jazeker, "D’accord!", no, on, 15]',
        'de:',
        '  assent:',
        '    - JO  mei.',
        '  not-assent:',
        '    - gut',
        '  unfinished:',
        '    - meine Kundennummer lautet',
        '  farewells: [Pfüat enk]',
      ].join('\n'),
    );
    expect(errors).toBeUndefined();
    const none = { assent: [], notAssent: [], unfinished: [], notUnfinished: [], farewells: [] };
    expect(rules).toEqual({
      nl: { ...none, assent: ['jazeker', "d'accord", 'no', 'on', '15'] },
      de: {
        ...none,
        assent: ['jo mei'],
        notAssent: ['gut'],
        unfinished: ['meine kundennummer lautet'],
        farewells: ['pfüat enk'],
      },
    });
  });

  it('takes an empty file as no rules', () => {
    for (const text of ['', '# nothing yet\n', '\uFEFF']) expect(reading(text)).toEqual({ rules: {} });
  });

  it.each([
    ['en:\n  asent: [sure thing]\n', 'line 2: unknown key "asent"; accepted keys are assent, not-assent,'],
    ['en:\n  assent:\n    - sure\n    - "?!"\n', 'line 4: a phrase must be 1 to 8 words'],
    [`en:\n  assent: [${'a '.repeat(9)}]\n`, 'line 2: a phrase must be 1 to 8 words'],
    [`en:\n  assent:\n  - ${'a'.repeat(81)}\n`, 'line 3: a phrase must be 1 to 8 words'],
    ['en:\n  assent:\n    - sure: thing\n', 'line 3: a phrase must be 1 to 8 words'],
    ['en:\n  assent: sure\n', 'line 2: "assent" must be a list'],
    ['en:\n\n  assent:\n', 'line 3: "assent" must be a list'],
    ['en:\n', 'line 1: "en" must contain assent,'],
    ['english:\n  assent: [sure]\n', 'line 1: "english" is no language code'],
    ['de-AT:\n  assent: [jo]\n', 'line 1: "de-AT" is no language code'],
    ['- en\n', 'line 1: the file must contain languages'],
    ['en\n', 'line 1: the file must contain languages'],
    ['en:\n  assent: [sure\n', 'line 3: '],
    ['en:\n  assent: [sure]\n\tfarewells: [bye]\n', 'line 3: '],
    ['en:\n  assent: [sure]\nen:\n  assent: [yes]\n', 'line 3: the key "en" occurs twice'],
    ['en:\n  assent: [a]\n  assent: [b]\n', 'line 3: the key "assent" occurs twice'],
    ['en:\n  assent: &a [sure]\nde:\n  assent: *a\n', 'line 4: "assent" must be a list'],
  ])('refuses %j, and names the line', (text, expected) => {
    const errors = errorsOf(text);
    expect(errors[0]).toContain(expected);
    expect(reading(text).rules).toBeUndefined();
  });

  it('finds all errors of a file, and takes nothing of it', () => {
    const text = 'en:\n  asent: [a]\n  assent:\n    - "!"\n    - fine\nxx-y:\n  assent: [a]\n';
    expect(errorsOf(text).map((error) => error.split(':')[0])).toEqual(['line 2', 'line 4', 'line 6']);
    expect(reading(text).rules).toBeUndefined();
  });

  it('refuses bytes that are no text, a file that is too large, and one that is not there', () => {
    expect(errorsOf(new Uint8Array([0x65, 0x6e, 0xff, 0x3a]))).toEqual([
      'it cannot be read: it is not UTF-8 text',
    ]);
    expect(errorsOf(' '.repeat(1024 * 1024 + 1))[0]).toContain('is larger than');
    expect(readTurnRules(path.join(FOLDER, 'none.yaml')).errors?.[0]).toContain('ENOENT');
    expect(readTurnRules(FOLDER).errors?.[0]).toContain('it is no file');
    expect(readTurnRules('/dev/zero').errors?.[0]).toContain('it is no file');
  });

  it.each([
    ['brackets', `en:\n  assent: ${'['.repeat(10_000)}${']'.repeat(10_000)}\n`, 2],
    ['maps in one line', `en:\n  ${'{a: '.repeat(10_000)}\n`, 2],
    ['dashes', `en:\n  assent:\n  ${'- '.repeat(100_000)}\n`, 3],
    ['indented lines', Array.from({ length: 1_000 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'), 17],
  ])('refuses deep %s instead of ending the process', (_, text, line) => {
    expect(errorsOf(text)).toEqual([`line ${line}: lists within lists are too deep`]);
  });

  it('reads a file of many keys in a moment, and shows the first errors', () => {
    const startMs = performance.now();
    const errors = errorsOf(Array.from({ length: 60_000 }, (_, at) => `word${at}: a`).join('\n'));
    // The comparison of all keys with all others takes minutes.
    expect(performance.now() - startMs).toBeLessThan(15_000);
    expect(errors).toHaveLength(51);
    expect(errors[49]).toContain('line 50: "word49" is no language code');
    expect(errors[50]).toBe('it has more errors');
  });

  it('refuses more phrases than a call can compare', () => {
    const phrases = Array.from({ length: 1_001 }, (_, index) => `    - word${index}`);
    expect(errorsOf(['en:', '  assent:', ...phrases].join('\n'))[0]).toContain('more than 1000 phrases');
  });
});

describe('TURN_RULES_FILE', () => {
  it('is read with the settings, relative to the working directory', () => {
    writeFileSync(FILE, 'en:\n  assent: [roger]\n');
    const result = readSettings({ TURN_RULES_FILE: 'rules.yaml' }, NO_FILES, FOLDER);
    expect(result.ok && result.settings.turnRules?.['en']?.assent).toEqual(['roger']);
    const without = readSettings({}, NO_FILES, FOLDER);
    expect(without.ok && without.settings.turnRules).toBeUndefined();
  });

  it('stops the start with the line of each error, beside the errors of other settings', () => {
    writeFileSync(FILE, 'en:\n  asent: [roger]\n');
    const result = readSettings({ TURN_RULES_FILE: FILE, PORT: 'x' }, NO_FILES, FOLDER);
    expect(result.ok).toBe(false);
    const errors = result.ok ? [] : result.errors;
    expect(errors).toHaveLength(2);
    expect(errors[1]).toContain('rules.yaml, line 2: unknown key "asent"');
    expect(errors[1]).toMatch(/^TURN_RULES_FILE: /u);
  });
});
