import { expect, test } from 'vitest';
import { isTransient, rootCause } from '../../src/storage/failure-kind.ts';
import { errorCode, errorText, isFull, isUnsupported } from '../../src/storage/file-system-errors.ts';

const coded = (code: string, message: string) => Object.assign(new Error(message), { code });

test('an error is described by its code and its message, also if it is no instance of Error', () => {
  // What SQLite says if it has no words of its own.
  const fromSqlite = { name: 'SqliteError', code: 'SQLITE_IOERR_LOCK', message: 'not an error' };
  expect(errorText(fromSqlite)).toBe('SQLITE_IOERR_LOCK: not an error');
  expect(rootCause(new Error('outer', { cause: fromSqlite }))).toBe(
    'SqliteError: SQLITE_IOERR_LOCK: not an error',
  );
  expect(errorText(coded('EIO', 'EIO: i/o error, write'))).toBe('EIO: i/o error, write');
  expect(errorText('a word')).toBe('a word');
  expect(errorText(undefined)).toBe('undefined');
  expect(errorCode({ code: 5 })).toBeUndefined();
});

test('locks that are not available pass, errors of the statement do not', () => {
  for (const code of [
    'SQLITE_BUSY',
    'SQLITE_IOERR_LOCK',
    'SQLITE_FULL',
    'SQLITE_PROTOCOL',
    'EBUSY',
    'ENOSPC',
  ])
    expect(isTransient({ code, message: '' })).toBe(true);
  for (const code of ['SQLITE_ERROR', 'SQLITE_CORRUPT', 'EINVAL'])
    expect(isTransient({ code, message: '' })).toBe(false);
});

test('a missing operation is distinguished from a full or broken disk', () => {
  for (const code of ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS', 'EINVAL', 'EISDIR'])
    expect([isUnsupported(coded(code, '')), isFull(coded(code, ''))]).toEqual([true, false]);
  for (const code of ['ENOSPC', 'EDQUOT', 'SQLITE_FULL'])
    expect([isUnsupported(coded(code, '')), isFull(coded(code, ''))]).toEqual([false, true]);
  expect(isUnsupported(coded('EIO', ''))).toBe(false);
});
