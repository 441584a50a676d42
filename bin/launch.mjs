/** Runs the newest build. In a checkout it is made first if it is missing or made of other sources. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = path.resolve(import.meta.dirname, '..');
const DIST = path.join(ROOT, 'dist');

/** An installed package has no sources: its build is the one that was published. */
async function buildIfNeeded() {
  if (!existsSync(path.join(ROOT, 'src'))) return;
  const { isBuilt } = await import('../scripts/build/sources.mjs');
  if (isBuilt(ROOT)) return;
  console.error('Building offhook…');
  const { status } = spawnSync(process.execPath, [path.join(ROOT, 'scripts/build/build.mjs')], {
    cwd: ROOT,
    // Settings and keys of the server do not concern the build. What it prints is no output of the command.
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.exit(1);
}

await buildIfNeeded();
const { directory } = JSON.parse(readFileSync(path.join(DIST, 'build.json'), 'utf8'));
await import(pathToFileURL(path.join(DIST, directory, 'server/offhook.js')).href);
