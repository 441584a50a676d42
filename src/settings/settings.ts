import { parse } from 'dotenv';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { TurnSettings } from '../audio/speech/turn-detector.ts';
import { checkEach, type Environment } from './check.ts';
import { impossibleCombinations } from './combinations.ts';
import { servesLocalRequests } from './local-requests.ts';
import type { SettingValues } from './table.ts';
import { ineffectiveSettings, misspeltNames, unknownNames, withoutForeign } from './warnings.ts';

/** A service that speaks OpenAI's protocol. No key: the server wants none. */
export interface ServiceSettings {
  readonly model: string;
  /** With its version, as in `https://api.openai.com/v1`, without a slash at the end. */
  readonly baseUrl: string;
  readonly apiKey?: string;
}

/** `reasoningEffort` is sent where it is set, whatever the model. */
export interface ChatSettings extends ServiceSettings {
  readonly reasoningEffort?: NonNullable<SettingValues['CHAT_REASONING_EFFORT']>;
}

export interface SpeechSettings extends ServiceSettings {
  readonly voice: string;
}

/** An S3-compatible store of finished files. */
export interface StoreSettings {
  /** `s3://bucket/prefix`, without a slash at the end. */
  readonly url: string;
  readonly bucket: string;
  /** Absent: Amazon's own. */
  readonly endpoint?: string;
  readonly region?: string;
  /** Absent: AWS's own chain finds them. */
  readonly key?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly forcePathStyle: boolean;
  readonly presignedSeconds: number;
}

/** Everything a user can choose, checked. Units stand in the names; directories are absolute. */
export interface Settings {
  readonly port: number;
  readonly host: string;
  readonly publicUrl?: URL;
  readonly logLevel: SettingValues['LOG_LEVEL'];
  readonly access: {
    readonly adminPassword?: string;
    readonly apiToken?: string;
    /** Whether a request from this machine can count as local. */
    readonly localRequests: boolean;
  };
  /** Absent: only this user may read recordings and texts. */
  readonly fileGroup?: string;
  readonly twilio: {
    readonly accountSid?: string;
    readonly authToken?: string;
    readonly apiBaseUrl?: string;
  };
  /** Absent where the service is not configured. */
  readonly transcription?: ServiceSettings;
  readonly chat?: ChatSettings;
  readonly speech?: SpeechSettings;
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
  /** Absent: the desk is not rung. */
  readonly ringDeskMs?: number;
  readonly keepJournals: boolean;
  /** Absolute where it is a file: `sqlite:/…`. */
  readonly databaseUrl: string;
  /** 0: calls are kept for ever. */
  readonly retentionDays: number;
  /** Absent: finished files stay in the folder. */
  readonly store?: StoreSettings;
  readonly turns: TurnSettings;
  readonly talk: {
    /** 0: never asks. */
    readonly stillThereAfterMs: number;
    readonly goodbyeAfterMs: number;
    readonly fillerAfterMs: number;
    readonly messagePauseMs: number;
    readonly messageSilenceMs: number;
  };
  readonly limits: {
    /** 0: no limit. */
    readonly maxCalls: number;
    /** 0: no limit. */
    readonly maxCallMinutes: number;
    readonly drainSeconds: number;
    readonly finishWaitMs: number;
    readonly pendingDays: number;
    readonly maxLeadMs: number;
  };
}

/** The two files beside the program, parsed; an absent file is an empty one. */
export interface SettingsFiles {
  readonly dotEnv: Environment;
  readonly audioConfig: Environment;
}

export type SettingsResult =
  | { readonly ok: true; readonly settings: Settings; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly errors: readonly string[] };

/**
 * Process environment over `.env` over `audio_config.env` over defaults. An empty value means the default, and hides
 * what stands below it. Relative directories are taken from `cwd`. All errors are in the answer, not just the first.
 */
export function readSettings(given: Environment, files: SettingsFiles, cwd: string): SettingsResult {
  const { env, warnings: foreign } = withoutForeign(given);
  const checked = checkEach([env, files.dotEnv, files.audioConfig]);
  const errors = [...checked.errors, ...impossibleCombinations(checked)];
  if (errors.length > 0) return { ok: false, errors };
  const values = checked.values as SettingValues;
  const warnings = [
    ...foreign,
    ...misspeltNames(env),
    ...unknownNames('.env', files.dotEnv),
    ...unknownNames('audio_config.env', files.audioConfig),
    ...ineffectiveSettings(values),
  ];
  return { ok: true, settings: freeze(grouped(values, cwd)), warnings };
}

/** `readSettings` with the files `.env` and `audio_config.env` of `cwd`. */
export function loadSettings(cwd: string, env: Environment): SettingsResult {
  const file = (name: string) => parseFile(path.join(cwd, name));
  return readSettings(env, { dotEnv: file('.env'), audioConfig: file('audio_config.env') }, cwd);
}

function parseFile(file: string): Environment {
  try {
    return parse(readFileSync(file));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}

function grouped(values: SettingValues, cwd: string): Settings {
  return {
    port: values.PORT,
    host: values.HOST,
    ...(values.PUBLIC_URL && { publicUrl: values.PUBLIC_URL }),
    logLevel: values.LOG_LEVEL,
    access: {
      ...(values.ADMIN_PASSWORD && { adminPassword: values.ADMIN_PASSWORD }),
      ...(values.API_TOKEN && { apiToken: values.API_TOKEN }),
      localRequests: servesLocalRequests(values),
    },
    ...(values.FILE_GROUP && { fileGroup: values.FILE_GROUP }),
    twilio: {
      ...(values.TWILIO_ACCOUNT_SID && { accountSid: values.TWILIO_ACCOUNT_SID }),
      ...(values.TWILIO_AUTH_TOKEN && { authToken: values.TWILIO_AUTH_TOKEN }),
      ...(values.TWILIO_API_BASE_URL && { apiBaseUrl: withoutSlash(values.TWILIO_API_BASE_URL) }),
    },
    ...services(values),
    language: values.LANGUAGE,
    greeting: values.GREETING,
    instructions: values.INSTRUCTIONS,
    promptsDirectory: path.resolve(cwd, values.PROMPTS_DIRECTORY),
    recording: {
      enabled: values.RECORD_CONVERSATIONS,
      directory: path.resolve(cwd, values.RECORDINGS_DIRECTORY),
      microphoneDirectory: path.resolve(cwd, values.MICROPHONE_DIRECTORY),
      defaultFormat: values.DEFAULT_AUDIO_FORMAT,
      mp3Bitrate: values.MP3_BITRATE,
      mp3Engine: values.MP3_ENCODER,
      channels: values.RECORDING_CHANNELS,
      sampleRateHz: values.RECORDING_SAMPLE_RATE,
    },
    ...(values.ANSWER_FIRST === 'desk' && { ringDeskMs: values.RING_DESK_SECONDS * 1_000 }),
    keepJournals: values.KEEP_JOURNALS,
    databaseUrl: databaseUrl(values, cwd),
    retentionDays: values.RETENTION_DAYS,
    ...store(values),
    turns: {
      endOfTurnMs: values.END_OF_TURN_MS,
      preRollMs: values.PRE_ROLL_MS,
      minSpeechMs: values.MIN_SPEECH_MS,
      bargeInMs: values.BARGE_IN_MS,
      longestUtteranceMs: values.LONGEST_UTTERANCE_MS,
    },
    talk: {
      stillThereAfterMs: values.STILL_THERE_AFTER_MS,
      goodbyeAfterMs: values.GOODBYE_AFTER_MS,
      fillerAfterMs: values.FILLER_AFTER_MS,
      messagePauseMs: values.MESSAGE_PAUSE_MS,
      messageSilenceMs: values.MESSAGE_SILENCE_MS,
    },
    limits: {
      maxCalls: values.MAX_CALLS,
      maxCallMinutes: values.MAX_CALL_MINUTES,
      drainSeconds: values.DRAIN_SECONDS,
      finishWaitMs: values.FINISH_WAIT_MS,
      pendingDays: values.PENDING_DAYS,
      maxLeadMs: values.MAX_LEAD_MS,
    },
  };
}

function services(values: SettingValues): Pick<Settings, 'transcription' | 'chat' | 'speech'> {
  const transcription = service(values, 'TRANSCRIPTION');
  const chat = service(values, 'CHAT');
  const speech = service(values, 'SPEECH');
  const effort = values.CHAT_REASONING_EFFORT;
  return {
    ...(transcription && { transcription }),
    ...(chat && { chat: { ...chat, ...(effort && { reasoningEffort: effort }) } }),
    ...(speech && { speech: { ...speech, voice: values.SPEECH_VOICE } }),
  };
}

/** OPENAI_API_KEY goes with OPENAI_BASE_URL alone: a server of the service's own is not shown another's key. */
function service(
  values: SettingValues,
  name: 'TRANSCRIPTION' | 'CHAT' | 'SPEECH',
): ServiceSettings | undefined {
  const ownUrl = values[`${name}_BASE_URL`];
  const apiKey = values[`${name}_API_KEY`] ?? (ownUrl ? undefined : values.OPENAI_API_KEY);
  if (ownUrl === undefined && apiKey === undefined) return undefined;
  return {
    model: values[`${name}_MODEL`],
    baseUrl: withoutSlash(ownUrl ?? values.OPENAI_BASE_URL),
    ...(apiKey !== undefined && { apiKey }),
  };
}

/** Beside the recordings where nothing is said: one folder is one installation. */
function databaseUrl(
  { DATABASE_URL: url, RECORDINGS_DIRECTORY: directory }: SettingValues,
  cwd: string,
): string {
  if (url === undefined) return `sqlite:${path.resolve(cwd, directory, '.offhook', 'catalogue.db')}`;
  const [, file] = /^sqlite:(.*)$/.exec(url) ?? [];
  if (file === undefined || file === ':memory:' || file.startsWith('//')) return url;
  return `sqlite:${path.resolve(cwd, file)}`;
}

function store(values: SettingValues): Pick<Settings, 'store'> {
  const { RECORDINGS_STORE: address, S3_ENDPOINT: endpoint, S3_REGION: region } = values;
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = values;
  if (!address) return {};
  return {
    store: {
      ...address,
      ...(endpoint && { endpoint: withoutSlash(endpoint) }),
      ...(region && { region }),
      ...(accessKeyId && secretAccessKey && { key: { accessKeyId, secretAccessKey } }),
      forcePathStyle: values.S3_FORCE_PATH_STYLE ?? endpoint !== undefined,
      presignedSeconds: values.PRESIGNED_SECONDS,
    },
  };
}

function withoutSlash(url: URL): string {
  return url.href.replace(/\/+$/, '');
}

function freeze<T extends object>(value: T): T {
  for (const each of Object.values(value))
    if (typeof each === 'object' && each !== null) freeze(each as object);
  return Object.freeze(value);
}
