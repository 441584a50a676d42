/** Generates prompts/en/*.wav from prompts/en/prompts.json. Needs flite and sox; run it after changing a text. */
import { readFileSync } from 'node:fs';
import { synthesise } from './synthesise.mjs';

const folder = new URL('../prompts/en/', import.meta.url);
const prompts = JSON.parse(readFileSync(new URL('prompts.json', folder), 'utf8'));
for (const [name, { text, file }] of Object.entries(prompts)) {
  const path = new URL(file, folder).pathname;
  const ms = synthesise({ text, voice: 'slt', stretch: 1.05, file: path });
  console.log(`${name}: ${ms} ms`);
}
