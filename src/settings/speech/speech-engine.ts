import { proxyFor, proxySettings } from '../proxies.ts';
import type { SettingValues } from '../table.ts';

/** The last day of OpenAI's speech endpoint is the one before: https://platform.openai.com/docs/deprecations */
export const OPENAI_SPEECH_ENDS_ON = '2027-01-06';
const OPENAI_HOST = 'api.openai.com';

export interface SpeechEngine {
  readonly engine: 'http' | 'realtime';
  /** Why, for people; undefined if the settings say nothing else. */
  readonly reason?: string | undefined;
}

export interface AssistantEngine {
  readonly engine: 'pipeline' | 'realtime';
  /** Why, for people; undefined if the settings say nothing else. */
  readonly reason?: string | undefined;
}

/** Who replies to callers. */
export function assistantEngine(values: SettingValues): AssistantEngine {
  const { ASSISTANT: engine, REALTIME_BASE_URL: address, REALTIME_API_KEY: key } = values;
  if (engine !== 'auto') return { engine, reason: `ASSISTANT=${engine}` };
  const { SPEECH_BASE_URL: speech, SPEECH_ENGINE: voice, TRANSCRIPTION_ENGINE: transcription } = values;
  if ((address ?? key) === undefined) return { engine: 'pipeline' };
  if (speech !== undefined) return { engine: 'pipeline', reason: 'SPEECH_BASE_URL is set' };
  if (voice !== 'auto') return { engine: 'pipeline', reason: `SPEECH_ENGINE=${voice}` };
  if (transcription === 'realtime') return { engine: 'pipeline', reason: 'TRANSCRIPTION_ENGINE=realtime' };
  const set = address === undefined ? 'REALTIME_API_KEY' : 'REALTIME_BASE_URL';
  return { engine: 'realtime', reason: `${set} is set` };
}

/**
 * The Realtime model that replies to callers; undefined if the pipeline does, or its server is not configured. The session transcribes
 * what callers say if that is wanted, or if nothing else does.
 */
export function realtimeAssistant(values: SettingValues) {
  const { engine, reason } = assistantEngine(values);
  const service = engine === 'realtime' ? realtimeService(values) : undefined;
  if (service === undefined) return undefined;
  const transcribes = values.TRANSCRIPTION_ENGINE === 'realtime' || !hasTranscriptionEndpoint(values);
  return {
    ...service,
    turns: values.REALTIME_TURNS,
    transcriptionModel: transcribes ? values.REALTIME_TRANSCRIPTION_MODEL : undefined,
    reason,
  };
}

/** `today`: YYYY-MM-DD. */
export function speechEngine(values: SettingValues, today: string): SpeechEngine {
  const { SPEECH_ENGINE: engine, SPEECH_BASE_URL: own, REALTIME_BASE_URL: realtime } = values;
  if (engine !== 'auto') return { engine, reason: `SPEECH_ENGINE=${engine}` };
  if (own !== undefined) return { engine: 'http' };
  if (realtimeAssistant(values) !== undefined)
    return { engine: 'realtime', reason: 'the voice of the Realtime assistant' };
  if (realtime !== undefined)
    return { engine: 'realtime', reason: 'REALTIME_BASE_URL is set, SPEECH_BASE_URL is not' };
  if (new URL(values.OPENAI_BASE_URL.baseUrl).host !== OPENAI_HOST) return { engine: 'http' };
  return today >= OPENAI_SPEECH_ENDS_ON
    ? { engine: 'realtime', reason: `OpenAI's speech endpoint ended on ${OPENAI_SPEECH_ENDS_ON}` }
    : { engine: 'http', reason: `realtime from ${OPENAI_SPEECH_ENDS_ON} on` };
}

/** The Realtime voice; undefined if its server is not configured. */
export function realtimeService(values: SettingValues) {
  const server = realtimeServer(values);
  return server && { ...server, model: values.REALTIME_MODEL, voice: values.REALTIME_VOICE };
}

/**
 * The Realtime server that transcribes callers; undefined if it is not to be used or not configured, or if there is no transcription
 * endpoint for what fails there.
 */
export function realtimeTranscription(values: SettingValues) {
  if (values.TRANSCRIPTION_ENGINE !== 'realtime' || !hasTranscriptionEndpoint(values)) return undefined;
  const server = realtimeServer(values);
  return server && { ...server, model: values.REALTIME_TRANSCRIPTION_MODEL };
}

export function hasTranscriptionEndpoint(values: SettingValues): boolean {
  const { TRANSCRIPTION_BASE_URL: address, TRANSCRIPTION_API_KEY: key, OPENAI_API_KEY: shared } = values;
  return (address ?? key ?? shared) !== undefined;
}

/** Undefined if neither an address nor a key is configured. OPENAI_API_KEY is sent to the server of OPENAI_BASE_URL alone. */
function realtimeServer(values: SettingValues) {
  const { REALTIME_BASE_URL: own, OPENAI_BASE_URL: shared } = values;
  const isShared = own === undefined || new URL(own.baseUrl).origin === new URL(shared.baseUrl).origin;
  const apiKey = values.REALTIME_API_KEY ?? (isShared ? values.OPENAI_API_KEY : undefined);
  if (own === undefined && apiKey === undefined) return undefined;
  const address = own ?? shared;
  return { ...address, apiKey, proxy: proxyFor(address.baseUrl, proxySettings(values)) };
}
