import path from 'node:path';
import type { ClusterSettings } from './addresses/redis-address.ts';
import { checkEach, type Environment } from './check.ts';
import { impossibleCombinations } from './combinations.ts';
import { readEnvFile } from './env-file.ts';
import { groupValues } from './group-values.ts';
import { type ProxySettings, withLowerCaseProxies } from './proxies.ts';
import type { ServiceAddress } from './service-address.ts';
import type { SettingValues } from './table.ts';
import { readTurnRules } from './turn-rules/turn-rules-file.ts';
import type { OwnTurnRules } from './turn-rules/turn-rules.ts';
import {
  ineffectiveSettings,
  missingPrompts,
  misspeltNames,
  quotedValues,
  unknownNames,
  withoutForeign,
} from './warnings.ts';

/** A service with OpenAI's protocol. Without a key requests have no credentials. */
export interface ServiceSettings extends ServiceAddress {
  readonly model: string;
  readonly apiKey?: string | undefined;
  /** Default: a direct connection. */
  readonly proxy?: string | undefined;
}

/** `reasoningEffort` is sent if it is set, for any model. */
export interface ChatSettings extends ServiceSettings {
  readonly reasoningEffort?: NonNullable<SettingValues['CHAT_REASONING_EFFORT']> | undefined;
}

export interface SpeechSettings extends ServiceSettings {
  /** `realtime`: a Realtime session over a WebSocket; its address is written with http here, too. Default: `http`. */
  readonly engine?: 'http' | 'realtime' | undefined;
  /** Why this engine speaks, for people. */
  readonly engineReason?: string | undefined;
  readonly voice: string;
  /** Of raw samples whose rate the server does not state. */
  readonly sampleRateHz?: number | undefined;
}

/** A Realtime model that hears callers and speaks the replies. Its address is written with http. */
export interface SpeechToSpeechSettings extends ServiceSettings {
  readonly voice: string;
  /** Transcribes what callers say; undefined: the transcription endpoint does. */
  readonly transcriptionModel?: string | undefined;
  /** Who decides where the turns of callers end. Default: our turn detector. */
  readonly turns?: 'server' | 'own' | undefined;
  /** Why it replies, for people. */
  readonly reason?: string | undefined;
}

/** An S3-compatible store of finished files. */
export interface StoreSettings {
  /** `s3://bucket/prefix`, without a slash at the end. */
  readonly url: string;
  readonly bucket: string;
  /** Default: Amazon S3. */
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  /** Default: the credential chain of AWS. */
  readonly key?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  readonly forcePathStyle: boolean;
  readonly presignedSeconds: number;
  readonly proxy?: string | undefined;
}

/** All settings, validated. Names contain the units; directories are absolute. */
export interface Settings {
  readonly port: number;
  readonly host: string;
  readonly publicUrl?: URL | undefined;
  readonly logLevel: SettingValues['LOG_LEVEL'];
  readonly logFormat: SettingValues['LOG_FORMAT'];
  readonly access: {
    readonly adminPassword?: string | undefined;
    /** scrypt's N for the password's hash; no variable sets it. */
    readonly passwordHashCost?: number | undefined;
    readonly apiToken?: string | undefined;
    /** Whether a request from this machine can count as local. */
    readonly localRequests: boolean;
    /** As in Express' setting `trust proxy`. */
    readonly trustedProxies: readonly string[];
  };
  /** A group that may read recordings and texts. Default: only this user. */
  readonly fileGroup?: string | undefined;
  readonly twilio: {
    readonly accountSid?: string | undefined;
    readonly authToken?: string | undefined;
    readonly apiBaseUrl?: string | undefined;
    readonly proxy?: string | undefined;
  };
  /** Undefined if the service is not configured. */
  readonly transcription?: ServiceSettings | undefined;
  /** Replies to callers; the services below are for what fails there. */
  readonly speechToSpeech?: SpeechToSpeechSettings | undefined;
  /** A Realtime server that gets the audio of callers while they speak. Its address is written with http. Never without `transcription`. */
  readonly streamingTranscription?: ServiceSettings | undefined;
  /** A model that hears whether a caller who pauses has finished. */
  readonly endOfTurn?:
    | { readonly url: string; readonly apiKey?: string | undefined; readonly proxy?: string | undefined }
    | undefined;
  readonly chat?: ChatSettings | undefined;
  readonly speech?: SpeechSettings | undefined;
  readonly language: string;
  readonly greeting: string;
  readonly instructions: string;
  readonly promptsDirectory: string;
  readonly recording: {
    readonly enabled: boolean;
    readonly directory: string;
    readonly microphoneDirectory: string;
    readonly defaultFormat: SettingValues['DEFAULT_AUDIO_FORMAT'];
    /** kbit/s */
    readonly mp3Bitrate: number;
    readonly mp3Engine: SettingValues['MP3_ENCODER'];
    readonly channels: SettingValues['RECORDING_CHANNELS'];
    readonly sampleRateHz: 'auto' | number;
  };
  /** A user's rules for turns; undefined: only the built-in ones count. */
  readonly turnRules?: OwnTurnRules | undefined;
  /** Undefined: calls do not ring at the desk. */
  readonly ringDeskMs?: number | undefined;
  readonly proxies: ProxySettings;
  readonly keepJournals: boolean;
  /** Any machine or worker writes the files of an ended call. */
  readonly sharedFinalization: boolean;
  /** The path of a file is absolute: `sqlite:/…`. */
  readonly databaseUrl: string;
  /** 0: calls are kept without a limit. */
  readonly retentionDays: number;
  /** Undefined: finished files stay in the recordings directory. */
  readonly store?: StoreSettings | undefined;
  /** Undefined: this machine is alone. */
  readonly cluster?: ClusterSettings | undefined;
  /** How a call listens and talks; the call's journal contains it. */
  readonly call: {
    readonly turns: {
      readonly endOfTurnMs: number;
      readonly preRollMs: number;
      readonly minSpeechMs: number;
      readonly bargeInMs: number;
      readonly longestUtteranceMs: number;
      readonly pauseMs?: number | undefined;
    };
    readonly talk: {
      readonly language: string;
      readonly eagerReplies: 'off' | 'text' | 'reply';
      readonly spokenForm: 'off' | 'codes' | 'all';
      readonly turns?: 'server' | 'own' | undefined;
      /** 0: never asks. */
      readonly stillThereAfterMs: number;
      readonly goodbyeAfterMs: number;
      readonly fillerAfterMs: number;
      readonly messagePauseMs: number;
      readonly messageSilenceMs: number;
      /** 0: no limit. */
      readonly oneSidedMs: number;
    };
    readonly maxLeadMs: number;
    /** 0: no limit. */
    readonly maxCallMinutes: number;
  };
  readonly limits: {
    /** 0: no limit. */
    readonly maxCalls: number;
    /** 0: no load is an overload. */
    readonly overloadDelayMs: number;
    /** Processes with calls; `auto`: one for each core. */
    readonly workers: number | 'auto';
    readonly drainSeconds: number;
    readonly finishWaitMs: number;
    readonly pendingDays: number;
    /** 0: microphone recordings are kept without a limit. */
    readonly microphoneDays: number;
    /** Disk space that is kept for calls. */
    readonly diskReserveBytes: number;
    /** Pause between two checks of a service; 0: services are not checked. */
    readonly serviceCheckMs: number;
  };
}

/** The parsed settings files; a missing file is empty. */
export interface SettingsFiles {
  readonly dotEnv: Environment;
  readonly audioConfig: Environment;
}

export type SettingsResult =
  | { readonly ok: true; readonly settings: Settings; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly errors: readonly string[] };

/**
 * Process environment over `.env` over `audio_config.env` over defaults. An empty value means the default and overrides
 * lower layers. Relative directories are resolved against `cwd`. The result contains all errors.
 */
export function readSettings(given: Environment, files: SettingsFiles, cwd: string): SettingsResult {
  const { env, warnings: foreign } = withoutForeign(withLowerCaseProxies(given));
  const [dotEnv, audioConfig] = [files.dotEnv, files.audioConfig].map(withLowerCaseProxies) as [
    Environment,
    Environment,
  ];
  const checked = checkEach([env, dotEnv, audioConfig]);
  const turnRules = turnRulesOf(checked.values, cwd);
  const errors = [...checked.errors, ...impossibleCombinations(checked), ...turnRules.errors];
  if (errors.length > 0) return { ok: false, errors };
  const values = checked.values as SettingValues;
  const warnings = [
    ...foreign,
    ...misspeltNames(env),
    ...quotedValues(env),
    ...unknownNames('.env', dotEnv),
    ...unknownNames('audio_config.env', audioConfig),
    ...ineffectiveSettings(values),
    ...missingPrompts(values, cwd),
  ];
  const settings = { ...groupValues(values, cwd, env['PGSSLMODE']), turnRules: turnRules.rules };
  return { ok: true, settings: freeze(settings), warnings };
}

function turnRulesOf(
  { TURN_RULES_FILE: file }: Partial<SettingValues>,
  cwd: string,
): { readonly rules?: OwnTurnRules | undefined; readonly errors: readonly string[] } {
  if (file === undefined) return { errors: [] };
  const { rules, errors = [] } = readTurnRules(path.resolve(cwd, file));
  return { rules, errors: errors.map((error) => `TURN_RULES_FILE: ${error}`) };
}

/** `readSettings` with the files `.env` and `audio_config.env` of `cwd`. */
export function loadSettings(cwd: string, env: Environment): SettingsResult {
  const [dotEnv, audioConfig] = [readEnvFile(cwd, '.env'), readEnvFile(cwd, 'audio_config.env')];
  const errors = [...dotEnv.errors, ...audioConfig.errors];
  if (errors.length > 0) return { ok: false, errors };
  const result = readSettings(env, { dotEnv: dotEnv.values, audioConfig: audioConfig.values }, cwd);
  if (!result.ok) return result;
  return { ...result, warnings: [...dotEnv.warnings, ...audioConfig.warnings, ...result.warnings] };
}

function freeze<T extends object>(value: T): T {
  for (const each of Object.values(value))
    if (typeof each === 'object' && each !== null) freeze(each as object);
  return Object.freeze(value);
}
