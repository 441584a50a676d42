/**
 * Generates the WAV files of a folder from the texts in its index.json, and writes lengths and origins into that file.
 * Needs flite and sox; run it after changing a text. Arguments: the folder (default fixtures/audio), then the names of
 * recordings, if not all are to be made.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { synthesise } from './synthesise.mjs';

const [given = 'fixtures/audio', ...names] = process.argv.slice(2);
const folder = pathToFileURL(`${path.resolve(import.meta.dirname, '..', given)}/`);
const indexFile = new URL('index.json', folder);
const index = JSON.parse(readFileSync(indexFile, 'utf8'));

for (const [name, entry] of Object.entries(index)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const file = new URL(`${name}.wav`, folder).pathname;
  if (entry.speaker === 'noise') {
    entry.durationMs = cough(file);
    entry.origin = 'sox: two bursts of pink noise';
  } else {
    entry.durationMs = synthesise({ text: entry.text, voice: entry.voice, file });
    entry.origin = `flite, voice ${entry.voice}`;
  }
  console.log(`${name}: ${entry.durationMs} ms`);
}
writeFileSync(indexFile, `${JSON.stringify(index, null, 2)}\n`);

/** A cough is two short bursts of coloured noise: loud, and too short for a word. */
function cough(file) {
  const form = ['synth', '0.11', 'pinknoise', 'sinc', '250-3200', 'fade', 't', '0.008', '0.11', '0.08'];
  const ulaw = ['-R', '-n', '-r', '8000', '-c', '1', '-e', 'u-law', '-b', '8'];
  execFileSync('sox', [...ulaw, file, ...form, 'norm', '-6', 'pad', '0', '0.09', 'repeat', '1']);
  return 400;
}
