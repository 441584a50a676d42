import path from 'node:path';
import { checkEach, type Environment } from '../../settings/check.ts';
import { type EnvFile, readEnvFile } from '../../settings/env-file.ts';
import { readSettings, type SettingsResult } from '../../settings/settings.ts';
import type { SettingName } from '../../settings/table.ts';
import type { Surroundings } from '../command-settings.ts';
import { UnusableSettings } from '../command-settings.ts';
import { ASKED_SETTINGS } from './setup-options.ts';

/** The settings while they are being collected: answers over the command line, the environment and the files. */
export class DraftSettings {
  readonly #cwd: string;
  readonly #env: Environment;
  readonly #dotEnv: EnvFile;
  readonly #audioConfig: EnvFile;
  readonly #answers: Map<string, string>;

  /** Throws `UnusableSettings` if a file cannot be read or a given value is not valid. */
  constructor({ cwd, env }: Surroundings, given: Readonly<Record<string, string>>) {
    this.#cwd = cwd;
    this.#env = env;
    this.#dotEnv = readEnvFile(cwd, '.env');
    this.#audioConfig = readEnvFile(cwd, 'audio_config.env');
    this.#answers = new Map(Object.entries(given));
    const errors = [
      ...this.#dotEnv.errors,
      ...this.#audioConfig.errors,
      ...Object.entries(given).flatMap(([name, text]) => problemOf(name, text) ?? []),
    ];
    if (errors.length > 0) throw new UnusableSettings(errors);
  }

  get cwd(): string {
    return this.#cwd;
  }

  get envFile(): string {
    return path.join(this.#cwd, '.env');
  }

  /** Undefined if the setting has no value, or an empty one. */
  value(name: SettingName): string | undefined {
    const layers = [this.#env, this.#dotEnv.values, this.#audioConfig.values];
    const text =
      this.#answers.get(name) ?? layers.map((layer) => layer[name]).find((each) => each !== undefined);
    return text?.trim() === '' ? undefined : text;
  }

  set(name: SettingName, text: string): void {
    this.#answers.set(name, text);
  }

  /** The settings as they would be read after the setup. `over`: other values, for a check. */
  read(over: Environment = {}): SettingsResult {
    const env = { ...this.#env, ...Object.fromEntries(this.#answers), ...over };
    return readSettings(
      env,
      { dotEnv: this.#dotEnv.values, audioConfig: this.#audioConfig.values },
      this.#cwd,
    );
  }

  /** The value of a setting in `.env`; undefined if it has none there. */
  written(name: string): string | undefined {
    return this.#dotEnv.values[name] || undefined;
  }

  /** What `.env` lacks: answers, and settings of the environment that the setup asks for. */
  changes(): Map<string, string> {
    const wanted = new Map(this.#answers);
    for (const name of ASKED_SETTINGS) {
      const text = this.#env[name];
      if (text?.trim() && !wanted.has(name)) wanted.set(name, text);
    }
    return new Map([...wanted].filter(([name, text]) => text !== (this.#dotEnv.values[name] ?? '')));
  }
}

/** Why a text is not a value of a setting; an empty one means its default. */
export function problemOf(name: string, text: string): string | undefined {
  return checkEach([{ [name]: text }]).errors[0];
}
