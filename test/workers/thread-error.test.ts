import { describe, expect, it } from 'vitest';
import { isTransient, rootCause } from '../../src/storage/failure-kind.ts';
import { errorFrom, errorRecord } from '../../src/workers/thread-error.ts';

const withCode = (code: string): Error => Object.assign(new Error('failed'), { code });
const acrossThreads = (error: Error): Error => errorFrom(structuredClone(errorRecord(error)));

describe('An error that crossed a thread', () => {
  it.each([
    ...['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'EAGAIN', 'EBUSY', 'ENOMEM', 'ESTALE', 'ETIMEDOUT'],
    ...['EINTR', 'ENOLCK', 'EROFS', 'EACCES', 'EPERM', 'ERR_WORKER_OUT_OF_MEMORY'],
  ])('is still transient: %s', (code) => expect(isTransient(acrossThreads(withCode(code)))).toBe(true));

  it.each([
    new TypeError('x is not a function'),
    new RangeError('MP3 is written at 8000 Hz'),
    new SyntaxError('Unexpected token'),
    ...['EINVAL', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EEXIST', 'ENOTEMPTY', 'ENOENT'].map(
      withCode,
    ),
    withCode('ERR_FS_EISDIR'),
    withCode('ERR_INVALID_ARG_TYPE'),
    new Error('libFLAC could not encode'),
  ])('is still permanent: %s', (error) => expect(isTransient(acrossThreads(error))).toBe(false));

  it('keeps its name, its message and its root cause', () => {
    const error = acrossThreads(new Error('outer', { cause: new TypeError('inner') }));
    expect(error.message).toBe('outer');
    expect(rootCause(error)).toBe('TypeError: inner');
  });
});
