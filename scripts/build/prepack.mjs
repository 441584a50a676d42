/** Before `npm pack`: adds type declarations to the newest build and removes all other builds. */
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { distDirectory, readBuildRecord } from './sources.mjs';
import { replaceFile } from './write-build.mjs';

const ROOT = path.resolve(import.meta.dirname, '../..');
const DIST = distDirectory(ROOT);

function run(script, ...args) {
  // stdout belongs to npm pack, which writes a name or JSON there.
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(1);
}

run(path.join(import.meta.dirname, 'build.mjs'));
const { directory } = readBuildRecord(ROOT);
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const types = path.join(DIST, directory, 'types');
run(tsc, '--project', path.join(import.meta.dirname, 'tsconfig.types.json'), '--outDir', types);
replaceFile(path.join(DIST, 'index.d.ts'), `export * from './${directory}/types/app/public-api.js';\n`);
const kept = [directory, 'build.json', 'index.js', 'index.d.ts'];
for (const name of readdirSync(DIST))
  if (!kept.includes(name)) rmSync(path.join(DIST, name), { recursive: true, force: true });
