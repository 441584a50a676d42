import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

let directory: string | undefined;

/** Gives all tests a temporary directory of their own, which is removed at the end. The name is short: sockets are in it. */
export default function setup(): (() => void) | undefined {
  if (directory !== undefined) return undefined;
  const own = mkdtempSync(path.join(tmpdir(), 'oh-'));
  directory = own;
  // Database servers of the tests run as another user.
  chmodSync(own, 0o755);
  process.env['TMPDIR'] = own;
  return () => rmSync(own, { recursive: true, force: true });
}
