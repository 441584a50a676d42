import { AUDIO_SETTINGS } from './groups/audio-settings.ts';
import { CATALOGUE_SETTINGS } from './groups/catalogue-settings.ts';
import { CLUSTER_SETTINGS } from './groups/cluster-settings.ts';
import { PROXY_SETTINGS } from './groups/proxy-settings.ts';
import { REALTIME_SETTINGS } from './speech/realtime-settings.ts';
import { SERVICE_SETTINGS } from './groups/service-settings.ts';
import { STORE_SETTINGS } from './groups/store-settings.ts';
import type { OptionalSetting, Setting, ValueType } from './value-types.ts';

type Groups = typeof SERVICE_SETTINGS &
  typeof REALTIME_SETTINGS &
  typeof PROXY_SETTINGS &
  typeof CATALOGUE_SETTINGS &
  typeof STORE_SETTINGS &
  typeof CLUSTER_SETTINGS &
  typeof AUDIO_SETTINGS;
type UnionToIntersection<U> = (U extends unknown ? (u: U) => void : never) extends (i: infer I) => void
  ? I
  : never;
type Flat = UnionToIntersection<Groups[keyof Groups]>;

export type SettingName = keyof Flat;

/** The value of each setting; undefined only where it has no default. */
export type SettingValues = {
  readonly [N in SettingName]: Flat[N] extends { type: ValueType<infer T>; default: infer S }
    ? S extends null
      ? T | undefined
      : T
    : never;
};

type SettingsFile = '.env' | 'audio_config.env';

/** One row of the table from which the documents and the example files are generated. */
export interface SettingRow {
  readonly name: SettingName;
  readonly group: string;
  /** The file that usually contains it; both files are read for every setting. */
  readonly file: SettingsFile;
  readonly setting: Setting<unknown> | OptionalSetting<unknown>;
}

function rows(file: SettingsFile, groups: Readonly<Record<string, object>>): SettingRow[] {
  return Object.entries(groups).flatMap(([group, settings]) =>
    Object.entries(settings).map(([name, setting]) => ({
      name: name as SettingName,
      group,
      file,
      setting: setting as SettingRow['setting'],
    })),
  );
}

export const SETTING_TABLE: readonly SettingRow[] = [
  ...rows('.env', SERVICE_SETTINGS),
  ...rows('.env', REALTIME_SETTINGS),
  ...rows('.env', CATALOGUE_SETTINGS),
  ...rows('.env', STORE_SETTINGS),
  ...rows('.env', CLUSTER_SETTINGS),
  ...rows('.env', PROXY_SETTINGS),
  ...rows('audio_config.env', AUDIO_SETTINGS),
];
