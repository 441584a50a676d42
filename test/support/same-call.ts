import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';

/** Two directories with one call each have the same files to the byte, but for the directory in the summary. */
export function expectSameCall(directory: string, expected: string): void {
  const once = contents(expected);
  const again = contents(directory);
  expect(Object.keys(once)).toHaveLength(4);
  for (const [file, bytes] of Object.entries(once)) {
    if (file.endsWith('_summary.txt'))
      expect(again[file]!.toString().replaceAll(directory, expected)).toBe(bytes.toString());
    else expect(again[file]!.equals(bytes), file).toBe(true);
  }
}

function contents(directory: string): Record<string, Buffer> {
  const files = readdirSync(directory).filter((name) => name.startsWith('call_'));
  return Object.fromEntries(files.map((name) => [name, readFileSync(path.join(directory, name))]));
}
