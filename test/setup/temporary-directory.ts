import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Set while the directory exists: each project of one run loads this file again. */
const MARK = 'OFFHOOK_TEST_DIRECTORY';

/** Gives all tests a temporary directory of their own, which is removed at the end. The name is short: sockets are in it. */
export default function setup(): (() => void) | undefined {
  if (process.env[MARK] !== undefined) return undefined;
  const own = mkdtempSync(path.join(tmpdir(), 'oh-'));
  process.env[MARK] = own;
  // As /tmp itself: database servers of the tests run as another user and write there, too.
  chmodSync(own, 0o1777);
  process.env['TMPDIR'] = own;
  return () => {
    delete process.env[MARK];
    rmSync(own, { recursive: true, force: true });
  };
}
