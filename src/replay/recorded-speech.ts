import { readFileSync } from 'node:fs';
import { encodeMulaw } from '../audio/mulaw.ts';
import { readWav } from '../audio/wav.ts';
import { isRecord } from './json-object.ts';

/** One recording of `fixtures/audio` or `prompts`, 8 kHz. */
export interface RecordedSpeech {
  readonly name: string;
  /** What is said; empty for a noise. */
  readonly text: string;
  readonly speaker: 'caller' | 'assistant' | 'noise';
  readonly pcm: Int16Array;
  readonly mulaw: Uint8Array;
}

const ROOT = new URL('../../', import.meta.url);
let loaded: ReadonlyMap<string, RecordedSpeech> | undefined;

/** All recordings by name: those of fixtures/audio, and the English prompts as `prompt-…`. Read once. */
export function recordedSpeech(): ReadonlyMap<string, RecordedSpeech> {
  loaded ??= new Map(
    [...listed('fixtures/audio/', 'index.json', ''), ...listed('prompts/en/', 'prompts.json', 'prompt-')].map(
      (speech) => [speech.name, speech],
    ),
  );
  return loaded;
}

/** The recording of that name; throws when there is none. */
export function recordedSpeechOf(name: string): RecordedSpeech {
  const speech = recordedSpeech().get(name);
  if (!speech) throw new Error(`no recording is named ${name} in fixtures/audio/index.json`);
  return speech;
}

/** Text as it is compared: lower case, words alone. */
export function plainWords(text: string): string {
  return text
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

function listed(folder: string, index: string, prefix: string): RecordedSpeech[] {
  const entries: unknown = JSON.parse(readFileSync(new URL(folder + index, ROOT), 'utf8'));
  if (!isRecord(entries)) throw new Error(`${folder}${index} is not an object`);
  return Object.entries(entries).map(([name, entry]) => {
    if (!isRecord(entry) || typeof entry['text'] !== 'string') {
      throw new Error(`${folder}${index}: ${name} has no text`);
    }
    const file = typeof entry['file'] === 'string' ? entry['file'] : `${name}.wav`;
    const [pcm = new Int16Array(0)] = readWav(readFileSync(new URL(folder + file, ROOT))).pcm;
    const { speaker } = entry;
    return {
      name: prefix + name,
      text: entry['text'],
      speaker: speaker === 'caller' || speaker === 'noise' ? speaker : 'assistant',
      pcm,
      mulaw: encodeMulaw(pcm),
    };
  });
}
