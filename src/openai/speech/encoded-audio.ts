import { audioKindOf } from '../../audio/decoders/audio-kind.ts';
import { isObject } from '../../http/parse-json.ts';
import { parseServerJson, readJsonValues } from '../server/json-values.ts';

/** A string that can be base64, and the field that has it. */
interface EncodedString {
  readonly name: string;
  readonly encoded: string;
}

/** Shorter strings are identifiers and words. */
const MIN_CHARACTERS = 256;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/u;
const HEX = /^(?:[0-9a-f]{2})+$/iu;
const DATA_ADDRESS = /^data:[^,]{0,100};base64,/u;
const LONG_RUN = new RegExp(String.raw`[A-Za-z0-9+/_-]{${MIN_CHARACTERS}}`, 'u');

/** Whether the beginning of a text can be that of audio in base64 or hexadecimal digits. */
export function mayHoldAudio(text: string): boolean {
  return LONG_RUN.test(text);
}

/**
 * The audio that a text holds in base64 or hexadecimal digits: a JSON object with it in any field, events with a piece each
 * (`speech.audio.delta` of OpenAI: https://developers.openai.com/api/reference/resources/audio), a `data:` address, or nothing else.
 * Undefined if there is none.
 */
export function encodedAudioIn(text: string): Uint8Array | undefined {
  const values = valuesIn(text).map((value) => stringsIn(value, ''));
  const longest = longestOf(values.flat());
  if (longest === undefined || longest.encoded.length < MIN_CHARACTERS) return undefined;
  // The last piece may be short.
  const pieces = values.flatMap(
    (strings) => longestOf(strings.filter(({ name }) => name === longest.name)) ?? [],
  );
  const encoding = pieces.every(({ encoded }) => HEX.test(encoded)) ? 'hex' : 'base64';
  const audio = Buffer.concat(pieces.map(({ encoded }) => Buffer.from(encoded, encoding)));
  const kind = audioKindOf(audio, true)?.kind;
  return kind === 'wav' || kind === 'compressed' || kind === 'samples' ? audio : undefined;
}

function valuesIn(text: string): unknown[] {
  const whole = parseServerJson(text);
  if (whole !== undefined) return [whole];
  if (DATA_ADDRESS.test(text)) return [text];
  const data = text.split(/\r\n|\r|\n/u).flatMap((line) => /^data: ?(.*)$/u.exec(line)?.[1] ?? []);
  if (data.length > 0) return data.map((line) => parseServerJson(line) ?? line);
  return readJsonValues(text) ?? [text];
}

function longestOf(strings: readonly EncodedString[]): EncodedString | undefined {
  return [...strings].sort((a, b) => b.encoded.length - a.encoded.length)[0];
}

function stringsIn(value: unknown, name: string): EncodedString[] {
  if (Array.isArray(value)) return value.flatMap((one) => stringsIn(one, name));
  if (isObject(value)) return Object.entries(value).flatMap(([name, one]) => stringsIn(one, name));
  if (typeof value !== 'string') return [];
  const encoded = value.replace(DATA_ADDRESS, '').replace(/\s+/gu, '');
  return BASE64.test(encoded) ? [{ name, encoded }] : [];
}
