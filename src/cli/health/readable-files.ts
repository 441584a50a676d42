import { statSync } from 'node:fs';
import path from 'node:path';
import { isPrivate } from '../../settings/check.ts';
import { readEnvFile } from '../../settings/env-file.ts';
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
const AUDIO_CONFIG = 'audio_config.env';

/** Files of an installation that other users of this machine can read: keys, recordings, texts, working state. */
export function readableFiles({ fileGroup, recording }: Settings, cwd: string): ReadableFile[] {
  const shared = fileGroup === undefined ? ([GROUP_AND_OTHERS, '700'] as const) : ([OTHERS, '2750'] as const);
  const checked = [
    [path.join(cwd, '.env'), GROUP_AND_OTHERS, '600'],
    ...(containsSecrets(cwd, AUDIO_CONFIG)
      ? [[path.join(cwd, AUDIO_CONFIG), GROUP_AND_OTHERS, '600'] as const]
      : []),
    [recording.directory, ...shared],
    [path.join(recording.directory, '.offhook'), GROUP_AND_OTHERS, '700'],
    [recording.microphoneDirectory, ...shared],
  ] as const;
  return checked.flatMap(([target, forbidden, wanted]) => {
    const mode = modeOf(target);
    if ((mode & forbidden) === 0) return [];
    const command = `chmod ${wanted} '${target.replaceAll("'", `'\\''`)}'`;
    return [{ path: target, mode: (mode & 0o777).toString(8), command }];
  });
}

/** `audio_config.env` is usually public, but may contain every setting. */
function containsSecrets(cwd: string, name: typeof AUDIO_CONFIG): boolean {
  const { values } = readEnvFile(cwd, name);
  return Object.entries(values).some(([setting, text]) => isPrivate(setting) && text);
}

/** 0 if there is nothing at this path, or its directory cannot be entered. */
function modeOf(target: string): number {
  try {
    return statSync(target).mode;
  } catch {
    return 0;
  }
}
