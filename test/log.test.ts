import { expect, test } from 'vitest';
import { componentLog, createLog, type Log } from '../src/log.ts';

function logInto(lines: string[]): Log {
  return createLog({ level: 'info', destination: { write: (line: string) => void lines.push(line) } });
}

test('keys, cookies and tokens are redacted at any position', () => {
  const lines: string[] = [];
  logInto(lines).info(
    {
      apiKey: 'PRIVATE',
      settings: { authToken: 'PRIVATE' },
      req: { headers: { authorization: 'PRIVATE', cookie: 'PRIVATE', 'x-twilio-signature': 'PRIVATE' } },
    },
    'request',
  );
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('PRIVATE');
  expect(lines[0]).toContain('[redacted]');
});

test('spoken words are not logged, their number is', () => {
  const lines: string[] = [];
  logInto(lines).info({ text: 'PRIVATE', turn: { transcript: 'PRIVATE', words: 7 } }, 'turn ended');
  expect(lines[0]).not.toContain('PRIVATE');
  expect(lines[0]).toContain('"words":7');
});

test('the logger of a component names the component in every line', () => {
  const lines: string[] = [];
  componentLog(logInto(lines), 'recovery').info('recovered orphaned call');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ component: 'recovery', msg: 'recovered orphaned call' });
});

test('an error is logged with its causes, without headers, bodies or keys', () => {
  const lines: string[] = [];
  const cause = Object.assign(new Error('Incorrect API key provided: sk-proj-abcdefghijkl'), {
    status: 401,
    headers: { 'x-request': 'PRIVATE' },
    error: { body: 'PRIVATE' },
  });
  logInto(lines).error({ err: new Error('chat failed: answering', { cause }) }, 'service failed');
  const { err } = JSON.parse(lines[0] ?? '') as { err: Record<string, unknown> };
  expect(err).toMatchObject({ message: 'chat failed: answering', cause: { status: 401, type: 'Error' } });
  expect(lines[0]).not.toMatch(/PRIVATE|abcdefghijkl/);
});

// Twilio's RestException takes its message from the body of the response, which may have none.
test('an error without a message or a stack, also as a cause, is logged', () => {
  const lines: string[] = [];
  const bare = Object.assign(new Error('x'), { message: undefined, stack: undefined, status: 500 });
  logInto(lines).warn({ err: bare }, 'failed');
  logInto(lines).warn({ err: new TypeError('outer', { cause: bare }) }, 'failed');
  const [first, second] = lines.map((line) => (JSON.parse(line) as { err: unknown }).err);
  expect(first).toMatchObject({ message: 'Error without a message', status: 500 });
  expect(second).toMatchObject({ message: 'outer', cause: { message: 'Error without a message' } });
});

test.each([
  ['info', new Error('no disk'), false],
  ['debug', new Error('no disk'), true],
  ['info', new TypeError('undefined is not a function'), true],
  ['info', Object.assign(new TypeError('fetch failed'), { cause: new Error('ECONNREFUSED') }), false],
  ['info', Object.assign(new RangeError('too long'), { code: 'ERR_OUT_OF_RANGE' }), false],
])('at level %s, %s has a stack: %s', (level, error, hasStack) => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  createLog({ level, destination }).error({ err: error }, 'failed');
  const { err } = JSON.parse(lines[0] ?? '') as { err: Record<string, unknown> };
  expect(String(err['stack']).includes('log.test.ts')).toBe(hasStack);
});
