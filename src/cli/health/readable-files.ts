import { statSync } from 'node:fs';
import path from 'node:path';
import type { Settings } from '../../settings/settings.ts';

/** A file or directory with too wide permissions, and the correct mode. */
export interface ReadableFile {
  readonly path: string;
  readonly mode: string;
  /** Quoted for a shell. */
  readonly command: string;
}

const GROUP_AND_OTHERS = 0o077;
const OTHERS = 0o007;

/** Files of an installation that other users of this machine can read: keys, recordings, texts, working state. */
export function readableFiles({ fileGroup, recording }: Settings, cwd: string): ReadableFile[] {
  const shared = fileGroup === undefined ? ([GROUP_AND_OTHERS, '700'] as const) : ([OTHERS, '2750'] as const);
  const checked = [
    [path.join(cwd, '.env'), GROUP_AND_OTHERS, '600'],
    [recording.directory, ...shared],
    [path.join(recording.directory, '.offhook'), GROUP_AND_OTHERS, '700'],
    [recording.microphoneDirectory, ...shared],
  ] as const;
  return checked.flatMap(([target, forbidden, wanted]) => {
    const mode = statSync(target, { throwIfNoEntry: false })?.mode ?? 0;
    if ((mode & forbidden) === 0) return [];
    const command = `chmod ${wanted} '${target.replaceAll("'", `'\\''`)}'`;
    return [{ path: target, mode: (mode & 0o777).toString(8), command }];
  });
}
