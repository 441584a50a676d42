import type { Environment } from '../settings/check.ts';
import { loadSettings, type Settings } from '../settings/settings.ts';

/** Invalid settings: each line names the accepted values. */
export class UnusableSettings extends Error {
  override readonly name = 'UnusableSettings';

  constructor(errors: readonly string[]) {
    super(`invalid settings:\n${errors.map((error) => `  - ${error}`).join('\n')}`);
  }
}

/** The working directory and the environment of a command. */
export interface Surroundings {
  readonly cwd: string;
  readonly env: Environment;
}

export interface CommandSettings {
  readonly settings: Settings;
  readonly warnings: readonly string[];
}

/** The settings of a command; throws `UnusableSettings`. */
export function settingsFor({ cwd, env }: Surroundings, over: Environment = {}): CommandSettings {
  const result = loadSettings(cwd, { ...env, ...over });
  if (result.ok) return result;
  throw new UnusableSettings(result.errors);
}
