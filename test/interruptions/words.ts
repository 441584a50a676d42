import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readWav } from '../../src/audio/wav/wav.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../fixtures/interruptions');
const VOICES = ['rms', 'awb', 'kal16'] as const;

export interface Word {
  readonly text: string;
  readonly pcm: Int16Array;
}

/** The word of that name, spoken by one of the voices in turn. */
export function wordOf(name: string, take: number): Word {
  const full = `${VOICES[take % VOICES.length]}-${name}`;
  const { [full]: entry } = index();
  if (!entry) throw new Error(`fixtures/interruptions/index.json has no ${full}`);
  const [pcm] = readWav(readFileSync(path.join(FOLDER, `${full}.wav`))).pcm;
  return { text: entry.text, pcm: pcm! };
}

function index(): Record<string, { readonly text: string }> {
  return JSON.parse(readFileSync(path.join(FOLDER, 'index.json'), 'utf8')) as Record<
    string,
    { text: string }
  >;
}
