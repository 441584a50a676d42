import { existsSync } from 'node:fs';
import path from 'node:path';
import { autoMp3RateHz, mp3Encoding } from '../audio/formats/mp3-bitrates.ts';
import { BLOCKED_PORTS } from './blocked-ports.ts';
import type { Environment } from './check.ts';
import { servesLocalRequests } from './local-requests.ts';
import { proxySettings, unusableExceptions } from './proxies.ts';
import { SERVICE_SETTINGS } from './groups/service-settings.ts';
import {
  hasTranscriptionEndpoint,
  realtimeAssistant,
  realtimeService,
  realtimeTranscription,
} from './speech/speech-engine.ts';
import { SETTING_TABLE, type SettingValues } from './table.ts';
import { nearestSetting } from './typo-hints.ts';

const KNOWN: ReadonlySet<string> = new Set(SETTING_TABLE.map(({ name }) => name));

/** Warns of unknown names in a file, which are often typos. */
export function unknownNames(file: string, contents: Environment): string[] {
  return Object.keys(contents)
    .filter((name) => !KNOWN.has(name))
    .map((name) => {
      const nearest = nearestSetting(name);
      const ending = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
      return `${file} sets ${name}, which is not a setting of offhook; it is ignored.${ending}`;
    });
}

/** Warns of names in the process environment that look like a typo of a setting. The environment also contains names of other programs. */
export function misspeltNames(env: Environment): string[] {
  return Object.keys(env).flatMap((name) => {
    const nearest = KNOWN.has(name) ? undefined : nearestSetting(name);
    if (nearest === undefined || env[nearest] !== undefined) return [];
    return [
      `The environment sets ${name}, which is not a setting of offhook; it is ignored. Did you mean ${nearest}?`,
    ];
  });
}

/** Warns of values within quotation marks: `docker run --env-file` does not remove them, as shells do. */
export function quotedValues(env: Environment): string[] {
  return Object.entries(env)
    .filter(([name, value]) => KNOWN.has(name) && /^(["']).+\1$/s.test(value ?? ''))
    .map(
      ([name]) =>
        `${name} in the environment has quotation marks around its value, and they belong to it. Remove them if they are not meant: docker's --env-file keeps them.`,
    );
}

/** GNU systems set LANGUAGE for all programs, as a list of locales. */
const GNU_LANGUAGE = /[:_.]/;

/** The process environment without values meant for other programs, and a warning for each of them. */
export function withoutForeign(env: Environment): { env: Environment; warnings: string[] } {
  const { LANGUAGE: language, ...rest } = env;
  if (language === undefined || !GNU_LANGUAGE.test(language)) return { env, warnings: [] };
  const warning = `LANGUAGE in the environment is "${language}", a list set by the system; it is ignored. Set LANGUAGE in .env.`;
  return { env: rest, warnings: [warning] };
}

/** Warns of valid settings that have no effect together. */
export function ineffectiveSettings(values: SettingValues): string[] {
  const warnings: string[] = [];
  const { TWILIO_AUTH_TOKEN: token, TWILIO_ACCOUNT_SID: sid } = values;
  if (values.ADMIN_PASSWORD === undefined && !servesLocalRequests(values))
    warnings.push(
      `ADMIN_PASSWORD is not set: only ${token === undefined ? '' : 'telephone routes signed by Twilio and '}the status at /health ${token === undefined ? 'is' : 'are'} served. With PUBLIC_URL or TWILIO_AUTH_TOKEN pages need a login, on this machine too.`,
    );
  if (values.PUBLIC_URL !== undefined && token === undefined)
    warnings.push(
      'PUBLIC_URL without TWILIO_AUTH_TOKEN: no telephone route is served to Twilio, because its requests cannot be verified; set TWILIO_AUTH_TOKEN to receive calls.',
    );
  warnings.push(...raisedBitrate(values));
  if (values.PORT !== 0 && BLOCKED_PORTS.has(values.PORT))
    warnings.push(
      `PORT is "${values.PORT}", which browsers do not open; pages are reachable only through a proxy on another port.`,
    );
  if (sid !== undefined && token === undefined)
    warnings.push(`TWILIO_ACCOUNT_SID without TWILIO_AUTH_TOKEN: ${whoCanCall(values)} can place calls.`);
  if (token !== undefined && sid === undefined)
    warnings.push('TWILIO_AUTH_TOKEN without TWILIO_ACCOUNT_SID: calls are ended by closing their stream.');
  if (token !== undefined && values.PUBLIC_URL?.protocol === 'http:')
    warnings.push('PUBLIC_URL begins with http: Twilio connects its streams only over https (wss).');
  if (values.OPENAI_BASE_URL.baseUrl !== OPENAI_ITSELF && values.OPENAI_API_KEY === undefined)
    warnings.push(
      'OPENAI_BASE_URL without OPENAI_API_KEY enables no service; for a server without keys set TRANSCRIPTION_BASE_URL, CHAT_BASE_URL or SPEECH_BASE_URL, or any OPENAI_API_KEY.',
    );
  warnings.push(...realtimeWithoutEffect(values), ...unusableProxyExceptions(values));
  if (values.RECORDINGS_STORE === undefined && STORE_ONLY.some((name) => values[name] !== undefined))
    warnings.push('S3 settings without RECORDINGS_STORE: finished files stay in RECORDINGS_DIRECTORY.');
  return warnings;
}

function unusableProxyExceptions(values: SettingValues): string[] {
  const { https, http, except } = proxySettings(values);
  if ((https ?? http) === undefined) return [];
  return unusableExceptions(except).map(
    (entry) =>
      `NO_PROXY has "${entry}", which is no host, address or network like 10.0.0.0/8; it has no effect.`,
  );
}

/** The default need not exist: then the shipped phrases are played. */
export function missingPrompts({ PROMPTS_DIRECTORY: directory }: SettingValues, cwd: string): string[] {
  if (directory === SERVICE_SETTINGS['Language and texts'].PROMPTS_DIRECTORY.default) return [];
  if (existsSync(path.resolve(cwd, directory))) return [];
  return [`PROMPTS_DIRECTORY is "${directory}", which does not exist: the shipped phrases are played.`];
}

function realtimeWithoutEffect(values: SettingValues): string[] {
  if (values.ASSISTANT === 'realtime' && realtimeAssistant(values) === undefined)
    return [
      'ASSISTANT=realtime has no effect without OPENAI_API_KEY, REALTIME_API_KEY or REALTIME_BASE_URL.',
    ];
  if (realtimeAssistant(values) !== undefined) return [];
  return [...turnsWithoutEffect(values), ...streamingWithoutEffect(values), ...voiceWithoutEffect(values)];
}

function turnsWithoutEffect({ REALTIME_TURNS: turns }: SettingValues): string[] {
  if (turns === 'own') return [];
  return [`REALTIME_TURNS=${turns} has no effect without a Realtime assistant; set ASSISTANT=realtime.`];
}

function streamingWithoutEffect(values: SettingValues): string[] {
  if (values.TRANSCRIPTION_ENGINE !== 'realtime' || realtimeTranscription(values)) return [];
  if (!hasTranscriptionEndpoint(values))
    return [
      'TRANSCRIPTION_ENGINE=realtime has no effect without a transcription endpoint, to which utterances are sent that fail there; set TRANSCRIPTION_BASE_URL or OPENAI_API_KEY.',
    ];
  return [
    'TRANSCRIPTION_ENGINE=realtime has no effect without OPENAI_API_KEY, REALTIME_API_KEY or REALTIME_BASE_URL: callers are transcribed by the transcription endpoint.',
  ];
}

function voiceWithoutEffect(values: SettingValues): string[] {
  const { SPEECH_ENGINE: engine, SPEECH_BASE_URL: own } = values;
  if (engine === 'realtime' && realtimeService(values) === undefined)
    return [
      'SPEECH_ENGINE=realtime without OPENAI_API_KEY, REALTIME_API_KEY or REALTIME_BASE_URL: there is no voice, and the answering machine takes the calls.',
    ];
  const isHttp = engine === 'http' || (engine === 'auto' && own !== undefined);
  if (!isHttp || (values.REALTIME_BASE_URL ?? values.REALTIME_API_KEY) === undefined) return [];
  if (realtimeTranscription(values)) return [];
  const why = engine === 'http' ? 'SPEECH_ENGINE is http' : 'SPEECH_BASE_URL is set';
  return [`REALTIME settings have no effect, because ${why}; set SPEECH_ENGINE=realtime to use them.`];
}

function raisedBitrate(values: SettingValues): string[] {
  const { MP3_BITRATE: kbps, MP3_ENCODER: engine, RECORDING_SAMPLE_RATE: rateHz } = values;
  const sampleRateHz = rateHz === 'auto' ? autoMp3RateHz(kbps) : rateHz;
  const channels = values.RECORDING_CHANNELS === 'stereo' ? 2 : 1;
  const written = mp3Encoding({ sampleRateHz, channels, kbps, engine });
  if (written.kbps === kbps) return [];
  return [
    `MP3_BITRATE is "${kbps}k"; MP3 files are written at ${written.kbps}k, the least that ${written.engine} supports for ${values.RECORDING_CHANNELS} at ${sampleRateHz} Hz.`,
  ];
}

function whoCanCall(values: SettingValues): string {
  return servesLocalRequests(values) ? 'only this machine' : 'only clients with API_TOKEN';
}

const STORE_ONLY = ['S3_ENDPOINT', 'S3_REGION', 'S3_ACCESS_KEY_ID', 'S3_FORCE_PATH_STYLE'] as const;
const OPENAI_ITSELF = 'https://api.openai.com/v1';
