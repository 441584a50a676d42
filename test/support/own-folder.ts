import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A fresh folder for the length of a test; `using` removes it. */
export function ownFolder(): { readonly path: string } & Disposable {
  const folder = mkdtempSync(path.join(tmpdir(), 'offhook-test-'));
  return { path: folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
