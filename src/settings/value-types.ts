import { isIP } from 'node:net';
import { z } from 'zod';
import { MP3_RATES_HZ } from '../audio/formats/mp3-bitrates.ts';

/** How the text of a setting is read. */
export interface ValueType<T> {
  /** The accepted values, as the end of "… must be". */
  readonly accepts: string;
  /** Words among the accepted values, alone or in a list. A value that is nearly one of them is a typo. */
  readonly words?: readonly string[] | undefined;
  readonly schema: z.ZodType<T, string>;
}

/** A setting that always has a value. `default` is written as a user would write it. */
export interface Setting<T> {
  readonly type: ValueType<T>;
  readonly default: string;
  /** One sentence: its effect, and the reason for the default. */
  readonly help: string;
}

/** A setting without a default. */
export interface OptionalSetting<T> {
  readonly type: ValueType<T>;
  readonly default: null;
  readonly help: string;
}

export function wholeNumber(min: number, max: number): ValueType<number> {
  return {
    accepts: `a whole number from ${min} to ${max}`,
    schema: z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(min).max(max)),
  };
}

/** A whole number, or `auto`. */
export function wholeNumberOrAuto(min: number, max: number): ValueType<number | 'auto'> {
  const number = wholeNumber(min, max);
  const auto = z.string().toLowerCase().pipe(z.literal('auto'));
  return { accepts: `auto, or ${number.accepts}`, words: ['auto'], schema: z.union([auto, number.schema]) };
}

export function oneOf<const T extends string>(...choices: readonly T[]): ValueType<T> {
  return {
    accepts: `one of ${choices.join(', ')}`,
    words: choices,
    schema: z.string().toLowerCase().pipe(z.enum(choices)),
  };
}

const YES = ['true', 'yes', 'on'];
const NO = ['false', 'no', 'off'];

export const yesOrNo: ValueType<boolean> = {
  accepts: 'true or false',
  words: [...YES, ...NO],
  schema: z.stringbool({ truthy: [...YES, '1'], falsy: [...NO, '0'] }),
};

export const text: ValueType<string> = { accepts: 'a text', schema: z.string() };

const ONE_LINE = /^[^\p{Cc}]+$/u;

/** The name of something at a service. */
export const line: ValueType<string> = {
  accepts: 'a text on one line',
  schema: z.string().regex(ONE_LINE),
};

/**
 * What a shell would replace: `~`, `~user`, `$HOME`, `${HOME}`, `%USERPROFILE%`. In settings files, units of systemd and containers
 * nothing does, and a directory named `~` would be made.
 */
const SHELL_PATH = /^~|\$\{\w+\}|\$[A-Z_][A-Z0-9_]*\b|%[A-Z_][A-Z0-9_]*%/;

/** Whether a path has the home directory or a variable in the notation of a shell. */
export function isShellPath(path: string): boolean {
  return SHELL_PATH.test(path);
}

/** In double quotes of a settings file, the `\t` of `C:\temp` is a tab. */
export const directory: ValueType<string> = {
  accepts:
    'the path of a directory, on one line, written out: ~ and variables such as $HOME are not replaced; in a settings file, a path with backslashes stands in single quotes',
  schema: z
    .string()
    .regex(ONE_LINE)
    .refine((path) => !isShellPath(path)),
};

export const file: ValueType<string> = {
  accepts: 'the path of a file, on one line, written out: ~ and variables such as $HOME are not replaced',
  schema: directory.schema,
};

/** It is compared as written, so it must be possible to type it into a form of one line. */
export const password: ValueType<string> = {
  accepts: 'a text on one line',
  schema: z.string().regex(ONE_LINE),
};

/**
 * Header values must be printable ASCII: a key pasted with a line break would otherwise fail at the first call. `docker run --env-file`
 * passes quotation marks on, and no key has them.
 */
export const secret: ValueType<string> = {
  accepts: 'printable characters without spaces, and without quotation marks around them',
  schema: z.string().regex(/^(?!(["']).*\1$)[\x21-\x7e]+$/),
};

/** Twilio's auth token. The secret of an API key looks similar, but does not sign webhooks. */
export const AUTH_TOKEN = /^[0-9a-f]{32}$/i;

/** Twilio's account ids: https://www.twilio.com/docs/glossary/what-is-a-sid */
export const accountSid: ValueType<string> = {
  accepts: '"AC" and 32 hexadecimal digits',
  schema: z.string().regex(/^AC[0-9a-f]{32}$/i),
};

/** An http(s) address. A query or fragment would end up inside the addresses that are made from it. */
export const webAddress: ValueType<URL> = {
  accepts: 'an address like https://example.com, with neither query nor user name',
  schema: z
    .string()
    .refine((address) => URL.canParse(address), { abort: true })
    .transform((address) => new URL(address))
    .refine(({ protocol, hostname }) => /^https?:$/.test(protocol) && !hostname.includes('*'))
    .refine(({ search, hash, username, password }) => search + hash + username + password === ''),
};

const LISTENING = new Set(['0.0.0.0', '[::]']);

/** The last step of the addresses that a number's webhooks have. */
const WEBHOOK_PATH = /\/(?:incoming-call|call-status|media-stream)\/?$/;

/** Our own address. The path of the webhook is often copied with it; `0.0.0.0` is only an address to listen on. */
export const publicAddress: ValueType<URL> = {
  accepts:
    'an address like https://example.com, with neither query nor user name, which others can reach, without the path of a webhook such as /incoming-call',
  schema: webAddress.schema
    .refine(({ hostname }) => !LISTENING.has(hostname))
    .refine(({ pathname }) => !WEBHOOK_PATH.test(pathname)),
};

const PROXY = /^[a-z0-9]+:\/\//i;
/** Accepted, because desktops set it beside proxies that can be used. */
const SOCKS = /^socks[45]?[ah]?:$/;

/** The address of a proxy, normalised; without a scheme it is http, as in curl. */
export const proxyAddress: ValueType<string> = {
  accepts: 'the address of an HTTP proxy, like http://proxy.example.com:3128',
  schema: z
    .string()
    .transform((address) => (PROXY.test(address) ? address : `http://${address}`))
    .refine((address) => URL.canParse(address), { abort: true })
    .transform((address) => new URL(address))
    .refine(({ protocol }) => /^https?:$/.test(protocol) || SOCKS.test(protocol))
    .refine(
      ({ hostname, pathname, search, hash }) => hostname !== '' && /^\/?$/.test(pathname + search + hash),
    )
    .transform((address) => address.href),
};

/** A POSIX group name, or the number of a group. */
export const groupName: ValueType<string> = {
  accepts: 'a group of this system, by name or number',
  schema: z.string().regex(/^([a-z_][a-z0-9_.-]{0,31}|\d{1,10})$/i),
};

const PROXY_RANGES = ['loopback', 'linklocal', 'uniquelocal'];

/** Proxies as in Express' setting `trust proxy`. */
export const proxyList: ValueType<readonly string[]> = {
  accepts:
    'a list of IP addresses, networks like 10.0.0.0/8, loopback, linklocal and uniquelocal, separated by commas',
  words: PROXY_RANGES,
  schema: z
    .string()
    .transform((list) => list.split(',').map((one) => one.trim().toLowerCase()))
    .refine((list) => list.every((one) => PROXY_RANGES.includes(one) || isNetwork(one))),
};

function isNetwork(network: string): boolean {
  const [address = '', bits, ...rest] = network.split('/');
  const largest = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  if (largest === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= largest);
}

const HOST_NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i;

export const bindAddress: ValueType<string> = {
  accepts: 'an IP address or a host name to listen on, like 0.0.0.0',
  schema: z.string().refine((host) => isIP(host) > 0 || HOST_NAME.test(host)),
};

/** A language in ISO 639-1 or BCP 47 notation: `en`, `de`, `pt-BR`. */
export const languageTag: ValueType<string> = {
  accepts: 'a language like en, de or pt-BR',
  schema: z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/),
};

/** A bitrate in kbit/s, written `128k` or `128`. */
export const kilobits: ValueType<number> = {
  accepts: 'a bitrate like 128k',
  schema: z
    .string()
    .regex(/^\d{1,3}k?$/i)
    .transform((rate) => Number.parseInt(rate, 10)),
};

/** A live call's format can be changed, so every format must support the rate. MP3 supports the fewest rates. */
const RECORDING_RATES_HZ = MP3_RATES_HZ;

export const recordingRate: ValueType<'auto' | number> = {
  accepts: `auto or one of ${RECORDING_RATES_HZ.join(', ')}`,
  words: ['auto'],
  schema: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['auto', ...RECORDING_RATES_HZ.map(String)]))
    .transform((rate) => (rate === 'auto' ? rate : Number(rate))),
};
