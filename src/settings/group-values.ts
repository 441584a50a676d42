import { hostname } from 'node:os';
import path from 'node:path';
import { servesLocalRequests } from './local-requests.ts';
import { proxyFor, proxySettings } from './proxies.ts';
import { spokenFormMode } from './speech/spoken-form-mode.ts';
import {
  realtimeAssistant,
  realtimeService,
  realtimeTranscription,
  speechEngine,
} from './speech/speech-engine.ts';
import type { SettingValues } from './table.ts';

/** Where Twilio's package sends requests. */
const TWILIO = 'https://api.twilio.com';

/** Groups the values of the table by subject; the result is a `Settings`. `today`: YYYY-MM-DD. */
export function groupValues(values: SettingValues, cwd: string, pgSslMode = '', today = isoDay(new Date())) {
  return {
    port: values.PORT,
    host: values.HOST,
    publicUrl: values.PUBLIC_URL,
    logLevel: values.LOG_LEVEL,
    logFormat: values.LOG_FORMAT,
    access: {
      adminPassword: values.ADMIN_PASSWORD,
      apiToken: values.API_TOKEN,
      localRequests: servesLocalRequests(values),
      trustedProxies: values.TRUST_PROXY,
    },
    fileGroup: values.FILE_GROUP,
    twilio: {
      accountSid: values.TWILIO_ACCOUNT_SID,
      authToken: values.TWILIO_AUTH_TOKEN,
      apiBaseUrl: values.TWILIO_API_BASE_URL && withoutSlash(values.TWILIO_API_BASE_URL),
      proxy: proxyFor(values.TWILIO_API_BASE_URL?.href ?? TWILIO, proxySettings(values)),
    },
    ...services(values, today),
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
    ringDeskMs: values.ANSWER_FIRST === 'desk' ? values.RING_DESK_SECONDS * 1_000 : undefined,
    proxies: proxySettings(values),
    keepJournals: values.KEEP_JOURNALS,
    sharedFinalization: values.SHARED_FINALIZATION,
    databaseUrl: withSslMode(databaseUrl(values, cwd), pgSslMode),
    retentionDays: values.RETENTION_DAYS,
    store: storeSettings(values),
    cluster: clusterSettings(values),
    call: callSettings(values, today),
    limits: {
      maxCalls: values.MAX_CALLS,
      overloadDelayMs: values.OVERLOAD_DELAY_MS,
      workers: values.WORKERS,
      drainSeconds: values.DRAIN_SECONDS,
      finishWaitMs: values.FINISH_WAIT_MS,
      pendingDays: values.PENDING_DAYS,
      microphoneDays: values.MICROPHONE_RETENTION_DAYS,
      diskReserveBytes: values.DISK_RESERVE_MB * 1_000_000,
      serviceCheckMs: values.SERVICE_CHECK_MINUTES * 60_000,
    },
  };
}

function clusterSettings({ REDIS_URL: address, REDIS_PREFIX: prefix, MACHINE_NAME: name }: SettingValues) {
  return address && { address, prefix, name: name ?? hostname() };
}

/** A pause of this length may be the end of the turn: work for the reply begins. As in dictation. */
const PAUSE_MS = 180;

function callSettings(values: SettingValues, today: string) {
  const turns = realtimeAssistant(values)?.turns;
  return {
    turns: {
      endOfTurnMs: values.END_OF_TURN_MS,
      preRollMs: values.PRE_ROLL_MS,
      minSpeechMs: values.MIN_SPEECH_MS,
      bargeInMs: values.BARGE_IN_MS,
      longestUtteranceMs: values.LONGEST_UTTERANCE_MS,
      pauseMs: values.EAGER_REPLIES === 'off' && turns !== 'server' ? undefined : PAUSE_MS,
    },
    talk: {
      language: values.LANGUAGE,
      stillThereAfterMs: values.STILL_THERE_AFTER_MS,
      goodbyeAfterMs: values.GOODBYE_AFTER_MS,
      fillerAfterMs: values.FILLER_AFTER_MS,
      eagerReplies: values.EAGER_REPLIES,
      spokenForm: spokenFormMode(values, today),
      turns,
      messagePauseMs: values.MESSAGE_PAUSE_MS,
      messageSilenceMs: values.MESSAGE_SILENCE_MS,
      oneSidedMs: values.ONE_SIDED_MINUTES * 60_000,
    },
    maxLeadMs: values.MAX_LEAD_MS,
    maxCallMinutes: values.MAX_CALL_MINUTES,
  };
}

function services(values: SettingValues, today: string) {
  const chat = service(values, 'CHAT');
  return {
    transcription: service(values, 'TRANSCRIPTION'),
    speechToSpeech: realtimeAssistant(values),
    streamingTranscription: realtimeTranscription(values),
    endOfTurn: endOfTurn(values),
    chat: chat && { ...chat, reasoningEffort: values.CHAT_REASONING_EFFORT },
    speech: speech(values, today),
  };
}

function endOfTurn(values: SettingValues) {
  const { END_OF_TURN_URL: address, END_OF_TURN_API_KEY: apiKey } = values;
  if (address === undefined) return undefined;
  return { url: address.href, apiKey, proxy: proxyFor(address.href, proxySettings(values)) };
}

function speech(values: SettingValues, today: string) {
  const { engine, reason: engineReason } = speechEngine(values, today);
  if (engine === 'realtime') {
    const realtime = realtimeService(values);
    return realtime && { ...realtime, engine, engineReason };
  }
  const http = service(values, 'SPEECH');
  const { SPEECH_VOICE: voice, SPEECH_SAMPLE_RATE: sampleRateHz } = values;
  return http && { ...http, engine, engineReason, voice, sampleRateHz };
}

function isoDay(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** OPENAI_API_KEY is sent to OPENAI_BASE_URL only: a service with its own base URL does not get the key of another. */
function service(values: SettingValues, name: 'TRANSCRIPTION' | 'CHAT' | 'SPEECH') {
  const ownUrl = values[`${name}_BASE_URL`];
  const apiKey = values[`${name}_API_KEY`] ?? (ownUrl ? undefined : values.OPENAI_API_KEY);
  if (ownUrl === undefined && apiKey === undefined) return undefined;
  const address = ownUrl ?? values.OPENAI_BASE_URL;
  return {
    model: values[`${name}_MODEL`],
    ...address,
    apiKey,
    proxy: proxyFor(address.baseUrl, proxySettings(values)),
  };
}

/** Default: in the recordings directory, since one directory is one installation. */
function databaseUrl(
  { DATABASE_URL: url, RECORDINGS_DIRECTORY: directory }: SettingValues,
  cwd: string,
): string {
  if (url === undefined) return `sqlite:${path.resolve(cwd, directory, '.offhook', 'catalogue.db')}`;
  const [, file] = /^sqlite:(.*)$/.exec(url) ?? [];
  if (file === undefined || file === ':memory:' || file.startsWith('//')) return url;
  return `sqlite:${path.resolve(cwd, file)}`;
}

/** PGSSLMODE protects the connections of all PostgreSQL clients, unless an address says otherwise. */
function withSslMode(url: string, mode: string): string {
  if (mode === '' || !/^postgres(ql)?:/.test(url) || /[?&]ssl(mode)?=/.test(url)) return url;
  return `${url}${url.includes('?') ? '&' : '?'}sslmode=${mode}`;
}

function storeSettings(values: SettingValues) {
  const { RECORDINGS_STORE: address, S3_ENDPOINT: endpoint, S3_REGION: region } = values;
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = values;
  if (!address) return undefined;
  return {
    ...address,
    endpoint: endpoint && withoutSlash(endpoint),
    region,
    key: accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined,
    forcePathStyle: values.S3_FORCE_PATH_STYLE ?? endpoint !== undefined,
    presignedSeconds: values.PRESIGNED_SECONDS,
    proxy: proxyFor(endpoint?.href ?? `https://${address.bucket}.s3.amazonaws.com`, proxySettings(values)),
  };
}

function withoutSlash(url: URL): string {
  return url.href.replace(/\/+$/, '');
}
