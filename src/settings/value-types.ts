import { isIP } from 'node:net';
import { MP3_RATES_HZ } from '../audio/formats/mp3-bitrates.ts';

/** One way of reading a setting's text: a value, or undefined where the text is not acceptable. */
export interface ValueType<T> {
  /** What would be accepted, as the end of "… must be". */
  readonly accepts: string;
  read(text: string): T | undefined;
}

/** A setting that always has a value. `standard` is the default, written as a user would write it. */
export interface Setting<T> {
  readonly kind: ValueType<T>;
  readonly standard: string;
  /** One sentence: what it does and why the default is what it is. */
  readonly help: string;
}

/** A setting that may be left out altogether. */
export interface OptionalSetting<T> {
  readonly kind: ValueType<T>;
  readonly standard: null;
  readonly help: string;
}

export function wholeNumber(least: number, most: number): ValueType<number> {
  return {
    accepts: `a whole number from ${least} to ${most}`,
    read(text) {
      const value = Number(text);
      return /^\d+$/.test(text) && value >= least && value <= most ? value : undefined;
    },
  };
}

export function oneOf<const T extends string>(...choices: readonly T[]): ValueType<T> {
  return {
    accepts: `one of ${choices.join(', ')}`,
    read: (text) => choices.find((choice) => choice === text.toLowerCase()),
  };
}

const YES = ['true', 'yes', 'on', '1'];
const NO = ['false', 'no', 'off', '0'];

export const yesOrNo: ValueType<boolean> = {
  accepts: 'true or false',
  read(text) {
    const word = text.toLowerCase();
    if (YES.includes(word)) return true;
    return NO.includes(word) ? false : undefined;
  },
};

export const text: ValueType<string> = { accepts: 'a text', read: (words) => words };

/** Header values must be printable ASCII: a key pasted with a line break would otherwise fail at the first call. */
export const secret: ValueType<string> = {
  accepts: 'printable characters without spaces',
  read: (characters) => (/^[\x21-\x7e]+$/.test(characters) ? characters : undefined),
};

/** Twilio's account ids: https://www.twilio.com/docs/glossary/what-is-a-sid */
export const accountSid: ValueType<string> = {
  accepts: '"AC" and 32 hexadecimal digits',
  read: (sid) => (/^AC[0-9a-f]{32}$/i.test(sid) ? sid : undefined),
};

/** An http(s) address; anything behind the path would end up inside the addresses made from it. */
export const webAddress: ValueType<URL> = {
  accepts: 'an address like https://example.com, with neither query nor user name',
  read(address) {
    if (!URL.canParse(address)) return undefined;
    const url = new URL(address);
    const plain = url.search === '' && url.hash === '' && url.username === '' && url.password === '';
    return plain && /^https?:$/.test(url.protocol) ? url : undefined;
  },
};

/** As POSIX writes names of groups, or a group's number. */
export const groupName: ValueType<string> = {
  accepts: 'a group of this system, by name or number',
  read: (group) => (/^([a-z_][a-z0-9_.-]{0,31}|\d{1,10})$/i.test(group) ? group : undefined),
};

export const bindAddress: ValueType<string> = {
  accepts: 'an IP address or a host name to listen on, like 0.0.0.0',
  read: (host) => (isIP(host) > 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host) ? host : undefined),
};

/** A language as ISO 639-1 or BCP 47 writes it: `en`, `de`, `pt-BR`. */
export const languageTag: ValueType<string> = {
  accepts: 'a language like en, de or pt-BR',
  read: (tag) => (/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(tag) ? tag : undefined),
};

/** A bitrate in kbit/s, written `128k` or `128`. */
export const kilobits: ValueType<number> = {
  accepts: 'a bitrate like 128k',
  read(rate) {
    const digits = /^(\d{1,3})k?$/i.exec(rate)?.[1];
    return digits === undefined ? undefined : Number(digits);
  },
};

/** A live call's format can be changed, so every format must hold the rate. MP3 has the fewest; the others take any. */
const RECORDING_RATES_HZ = MP3_RATES_HZ;

export const recordingRate: ValueType<'auto' | number> = {
  accepts: `auto or one of ${RECORDING_RATES_HZ.join(', ')}`,
  read: (rate) =>
    rate.toLowerCase() === 'auto' ? 'auto' : RECORDING_RATES_HZ.find((each) => String(each) === rate),
};

/** A place in an object store: a bucket and what stands before the name of every file in it. */
export interface StoreAddress {
  /** `s3://bucket/prefix`, without a slash at the end. */
  readonly url: string;
  readonly bucket: string;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html and object-keys.html */
const STORE_ADDRESS = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:\/[A-Za-z0-9!_.*'()=-]+)*)\/?$/;
/** A prefix and a file's name are one key, of at most 1,024 bytes. */
const LONGEST_PREFIX = 900;

export const storeAddress: ValueType<StoreAddress> = {
  accepts:
    'an address like s3://bucket or s3://bucket/prefix, or nothing for the local folder; a bucket has 3 to 63 lower-case letters, digits, dots and hyphens, with a letter or digit at both ends',
  read(address) {
    const [, bucket, prefix = ''] = STORE_ADDRESS.exec(address) ?? [];
    const steps = prefix.split('/');
    if (bucket === undefined || prefix.length > LONGEST_PREFIX) return undefined;
    if (bucket.includes('..') || steps.includes('.') || steps.includes('..')) return undefined;
    return { url: `s3://${bucket}${prefix}`, bucket };
  },
};

/** What follows the scheme is checked by the database's own driver. */
const DATABASE_ADDRESS = /^(?:sqlite:.+|(?:postgres|postgresql|mysql|mariadb|dynamodb):\/\/[^/]+.*)$/;

export const databaseAddress: ValueType<string> = {
  accepts:
    'sqlite:PATH, postgres://user:password@host/name, mysql://user:password@host/name (or mariadb://), or dynamodb://region/prefix',
  read: (address) => (DATABASE_ADDRESS.test(address) && URL.canParse(address) ? address : undefined),
};
