import type { Environment } from '../settings/check.ts';
import { loadSettings, type Settings } from '../settings/settings.ts';

/** Settings that cannot be used: each line says what would be accepted. */
export class UnusableSettings extends Error {
  override readonly name = 'UnusableSettings';

  constructor(errors: readonly string[]) {
    super(`these settings cannot be used:\n${errors.map((error) => `  - ${error}`).join('\n')}`);
  }
}

/** Where a command is run. */
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
