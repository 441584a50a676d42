import { existsSync, watch } from 'node:fs';
import path from 'node:path';

/** Ends a wait that hangs. */
const HANG_MS = 150_000;

/** Resolves when a file of that name is in the folder (which exists); rejects when none comes in time. */
export function fileAppears(
  folder: string,
  matches: (name: string) => boolean,
  withinMs: number,
  what = 'the file',
): Promise<string> {
  return new Promise((resolve, reject) => {
    const watcher = watch(folder, (_event, name) => {
      if (name !== null && matches(name) && existsSync(path.join(folder, name))) done(() => resolve(name));
    });
    const timer = setTimeout(() => {
      done(() => reject(new Error(`${what} did not come into ${folder} within ${withinMs} ms`)));
    }, withinMs);
    const done = (settle: () => void): void => {
      clearTimeout(timer);
      watcher.close();
      settle();
    };
  });
}

/** The same for one name, which may be there already. */
export async function fileIsThere(file: string, withinMs = HANG_MS): Promise<void> {
  const appears = fileAppears(path.dirname(file), (name) => name === path.basename(file), withinMs, file);
  if (!existsSync(file)) return void (await appears);
  appears.catch(() => undefined);
}
