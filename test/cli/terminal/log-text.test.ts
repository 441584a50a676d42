import { describe, expect, test } from 'vitest';
import { logDestination, textOf } from '../../../src/cli/terminal/log-text.ts';
import { createLog } from '../../../src/log.ts';
import { readSettings, type Settings } from '../../../src/settings/settings.ts';

function settingsFrom(env: Record<string, string>): Settings {
  const result = readSettings(env, { dotEnv: {}, audioConfig: {} }, '/srv');
  if (!result.ok) throw new Error(result.errors.join('\n'));
  return result.settings;
}

describe('textOf', () => {
  test('is one line: component, message, fields', () => {
    const fields = { level: 30, time: 'now', msg: 'offhook is listening', component: 'server', port: 8000 };
    expect(textOf({ ...fields, host: '::' }, false)).toBe(
      'server: offhook is listening (port 8000, host ::)',
    );
  });

  test('shows the messages of an error and its causes, and its stack only on request', () => {
    const lines: string[] = [];
    const log = createLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } });
    log.error({ err: new Error('no catalogue', { cause: new Error('disk full') }) }, 'failed');
    const fields = JSON.parse(lines[0]!) as Record<string, unknown>;
    expect(textOf(fields, false)).toBe('failed (no catalogue: disk full)');
    expect(textOf(fields, true)).toMatch(/^failed \(no catalogue: disk full\)\n\s+at .*log-text\.test/u);
  });

  test('names a cause once, and shows a warning as its sentence', () => {
    const cause = { message: 'connect ECONNREFUSED 127.0.0.1:1' };
    const err = { message: `no answer: ${cause.message}`, cause };
    expect(textOf({ msg: 'down', err }, false)).toBe('down (no answer: connect ECONNREFUSED 127.0.0.1:1)');
    expect(textOf({ msg: 'setting warning', component: 'server', warning: 'PORT is odd.' }, false)).toBe(
      'server: PORT is odd.',
    );
  });

  test('lets no message control the terminal', () => {
    const text = textOf({ msg: 'refused', said: 'a\u001b[2Jb\u009b1m\nc\u202e' }, false);
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text).toContain('[2Jb');
  });
});

test('the log is JSON where stdout is no terminal, and text on request', async () => {
  expect(await logDestination(settingsFrom({ LOG_FORMAT: 'json' }))).toBeUndefined();
  expect(await logDestination(settingsFrom({ LOG_FORMAT: 'text' }))).toBeDefined();
});
