import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { encodeMulaw } from '../audio/mulaw.ts';
import { loadResampler, Resampler } from '../audio/resampler.ts';
import { TELEPHONE_HZ } from '../audio/telephone.ts';
import { startsLikeWav } from '../audio/wav/wav-header.ts';
import { WavStream } from '../audio/wav/wav-stream.ts';
import { UnreadableAudio } from '../audio/unreadable-audio.ts';
import { type Prompt, PROMPT_NAMES, type PromptBook, type PromptName } from '../call/dialog/prompts.ts';

const SPOKEN_LANGUAGE = 'en';
const INDEX = 'prompts.json';

export interface LoadedPrompts {
  readonly book: PromptBook;
  /** Missing languages and phrases, and unreadable recordings. */
  readonly warnings: readonly string[];
}

/**
 * Loads the recorded phrases: `folder/<language>/prompts.json` with its WAV files. Missing phrases are replaced by the
 * shipped ones, and a language without recordings by English. Throws only if the shipped English phrases are incomplete.
 */
export async function loadPrompts(folder: string, shipped: string, language: string): Promise<LoadedPrompts> {
  await loadResampler();
  const warnings: string[] = [];
  const wanted = language.slice(0, 2).toLowerCase();
  const places = [
    path.join(folder, wanted),
    path.join(folder, SPOKEN_LANGUAGE),
    path.join(shipped, wanted),
    path.join(shipped, SPOKEN_LANGUAGE),
  ];
  if (!existsSync(path.join(folder, wanted, INDEX)) && !existsSync(path.join(shipped, wanted, INDEX))) {
    warnings.push(
      `no prompts are recorded in "${wanted}": they are spoken in English (see ${path.join(folder, wanted)})`,
    );
  }
  const found = new Map<PromptName, Prompt>();
  for (const place of new Set(places)) {
    for (const [name, prompt] of readFolder(place, warnings)) if (!found.has(name)) found.set(name, prompt);
  }
  const missing = PROMPT_NAMES.filter((name) => !found.has(name));
  if (missing.length > 0)
    throw new Error(`prompts are missing: ${missing.join(', ')} (looked in ${places.join(', ')})`);
  return { book: { get: (name) => found.get(name)! }, warnings };
}

function readFolder(folder: string, warnings: string[]): Map<PromptName, Prompt> {
  const prompts = new Map<PromptName, Prompt>();
  const index = path.join(folder, INDEX);
  if (!existsSync(index)) return prompts;
  let entries: Record<string, { text?: unknown; file?: unknown }>;
  try {
    entries = JSON.parse(readFileSync(index, 'utf8')) as typeof entries;
    if (typeof entries !== 'object' || entries === null) throw new SyntaxError('no object');
  } catch {
    warnings.push(`${index} is not a JSON object: its prompts are left out`);
    return prompts;
  }
  for (const name of PROMPT_NAMES) {
    const entry = entries[name];
    if (entry === undefined) continue;
    if (typeof entry?.text !== 'string' || typeof entry.file !== 'string') {
      warnings.push(`${index}: "${name}" needs "text" and "file"; it is left out`);
      continue;
    }
    const file = path.join(folder, path.basename(entry.file));
    try {
      prompts.set(name, { text: entry.text, mulaw: telephoneSound(readFileSync(file)) });
    } catch (error) {
      warnings.push(
        `${file} cannot be used: ${error instanceof UnreadableAudio ? error.message : String(error)}`,
      );
    }
  }
  return prompts;
}

/** A WAV of any rate and number of channels as μ-law at 8 kHz. Its length fields may be wrong, as those of pipes are. */
function telephoneSound(bytes: Uint8Array): Uint8Array {
  if (!startsLikeWav(bytes)) throw UnreadableAudio.wav('it does not start with RIFF and WAVE');
  const stream = new WavStream();
  const sounds: { pcm: Int16Array; readonly sampleRateHz: number }[] = [];
  for (const { pcm, sampleRateHz } of [...stream.read(bytes), ...stream.end()]) {
    const last = sounds.at(-1);
    if (last?.sampleRateHz === sampleRateHz) last.pcm = joined(last.pcm, pcm);
    else sounds.push({ pcm, sampleRateHz });
  }
  if (sounds.length === 0) throw UnreadableAudio.wav('it is empty');
  return Buffer.concat(sounds.map(({ pcm, sampleRateHz }) => mulawOf(pcm, sampleRateHz)));
}

function joined(one: Int16Array, other: Int16Array): Int16Array {
  const both = new Int16Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

function mulawOf(pcm: Int16Array, sampleRateHz: number): Uint8Array {
  if (sampleRateHz === TELEPHONE_HZ) return encodeMulaw(pcm);
  const resampler = new Resampler({ fromHz: sampleRateHz, toHz: TELEPHONE_HZ });
  const parts = [encodeMulaw(resampler.process(pcm)), encodeMulaw(resampler.flush())];
  resampler.close();
  return Buffer.concat(parts);
}
