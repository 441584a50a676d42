import { mp3BitratesAt } from '../audio/formats/mp3-bitrates.ts';
import type { Checked } from './check.ts';
import type { SettingValues } from './table.ts';
import { AUTH_TOKEN } from './value-types.ts';

type Values = Partial<SettingValues>;
type Rule = (values: Values, refused: Checked['refused']) => string | undefined;

const mp3Bitrate: Rule = ({ MP3_BITRATE: kbps, RECORDING_SAMPLE_RATE: rateHz }) => {
  if (kbps === undefined || rateHz === undefined) return undefined;
  const possible = mp3BitratesAt(rateHz);
  if (possible.includes(kbps)) return undefined;
  const list = possible.map((each) => `${each}k`).join(', ');
  const where = rateHz === 'auto' ? '' : ` at RECORDING_SAMPLE_RATE=${rateHz} (or leave that at auto)`;
  return `MP3_BITRATE is "${kbps}k"; MP3 has only ${list}${where}.`;
};

const publicUrl: Rule = ({ TWILIO_AUTH_TOKEN: token, PUBLIC_URL: url }, refused) => {
  if (token === undefined || url !== undefined || refused.has('PUBLIC_URL')) return undefined;
  return (
    'PUBLIC_URL is missing; with TWILIO_AUTH_TOKEN it must be the https address Twilio reaches this server at, ' +
    "because Twilio's signatures cover it."
  );
};

/** Compatible providers have tokens of other forms. */
const authToken: Rule = ({ TWILIO_AUTH_TOKEN: token, TWILIO_API_BASE_URL: provider }) => {
  if (token === undefined || provider !== undefined || AUTH_TOKEN.test(token)) return undefined;
  return `TWILIO_AUTH_TOKEN has ${token.length} characters; it must be the account's auth token, 32 hexadecimal digits, from the first page of the Twilio console. The secret of an API key does not verify Twilio's signatures.`;
};

const utteranceLongerThanItsEnd: Rule = ({ LONGEST_UTTERANCE_MS: longestMs, END_OF_TURN_MS: endMs }) => {
  if (longestMs === undefined || endMs === undefined || longestMs > 2 * endMs) return undefined;
  return `LONGEST_UTTERANCE_MS is "${longestMs}"; it must be more than twice END_OF_TURN_MS (${endMs}).`;
};

const pauseShorterThanSilence: Rule = ({ MESSAGE_PAUSE_MS: pauseMs, MESSAGE_SILENCE_MS: silenceMs }) => {
  if (pauseMs === undefined || silenceMs === undefined || pauseMs < silenceMs) return undefined;
  return `MESSAGE_PAUSE_MS is "${pauseMs}"; it must be less than MESSAGE_SILENCE_MS (${silenceMs}).`;
};

const bothHalvesOfTheKey: Rule = ({ S3_ACCESS_KEY_ID: id, S3_SECRET_ACCESS_KEY: key }, refused) => {
  if (refused.has('S3_ACCESS_KEY_ID') || refused.has('S3_SECRET_ACCESS_KEY')) return undefined;
  if ((id === undefined) === (key === undefined)) return undefined;
  const missing = id === undefined ? 'S3_ACCESS_KEY_ID' : 'S3_SECRET_ACCESS_KEY';
  return `${missing} is missing; S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be set together.`;
};

const socksProxy: Rule = ({ HTTPS_PROXY: https, HTTP_PROXY: http, ALL_PROXY: all }) => {
  if (![https ?? all, http ?? all].some((proxy) => proxy?.startsWith('socks'))) return undefined;
  return 'The proxy variables name a SOCKS proxy, which offhook cannot use; set HTTPS_PROXY and HTTP_PROXY to an HTTP proxy, or to nothing together with ALL_PROXY.';
};

const oneProcessForEachMachine: Rule = ({ REDIS_URL: redis, WORKERS: workers }) => {
  if (redis === undefined || workers === undefined || workers === 1) return undefined;
  return 'WORKERS must be 1 with REDIS_URL; for more processes on one machine, start offhook several times, each with its own PORT and RECORDINGS_DIRECTORY.';
};

const RULES = [
  oneProcessForEachMachine,
  socksProxy,
  bothHalvesOfTheKey,
  publicUrl,
  authToken,
  mp3Bitrate,
  utteranceLongerThanItsEnd,
  pauseShorterThanSilence,
];

/** Errors of values that are valid separately but not together. */
export function impossibleCombinations({ values, refused }: Checked): string[] {
  return RULES.map((rule) => rule(values, refused)).filter((sentence) => sentence !== undefined);
}
