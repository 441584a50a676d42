/** Publishes a finished build. */
import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { distDirectory, fingerprintOf, hashOf, readBuildRecord, sourceFiles } from './sources.mjs';

/** A server that runs from a replaced build may load its files for this long. */
const REMOVED_AFTER_MS = 24 * 3_600_000;
const BUILD = /^[0-9a-f]{16}$/u;
const UNFINISHED = /^\.unfinished-/u;

/**
 * Builds into a new directory of `dist/`, and renames it to the hash of its sources once it is complete. `build.json`
 * names the newest build and is replaced by a rename too: processes that build at the same time do not disturb each other,
 * and a running server keeps the files that it was started from.
 *
 * @param {string} root
 * @param {(directory: string) => Promise<void>} fill
 */
export async function writeBuild(root, fill) {
  const files = sourceFiles(root);
  const record = { directory: hashOf(root, files), fingerprint: fingerprintOf(root, files) };
  const dist = distDirectory(root);
  mkdirSync(dist, { recursive: true });
  const final = path.join(dist, record.directory);
  if (!existsSync(final)) await fillAside(dist, final, fill);
  retirePreviousBuild(root, record.directory);
  const entry = `./${record.directory}/server/index.js`;
  replaceFile(path.join(dist, 'index.js'), `export * from '${entry}';\n`);
  replaceFile(path.join(dist, 'build.json'), `${JSON.stringify(record)}\n`);
  removeOldBuilds(dist, record.directory);
  return final;
}

async function fillAside(dist, final, fill) {
  const aside = path.join(dist, `.unfinished-${randomUUID()}`);
  mkdirSync(aside);
  try {
    await fill(aside);
    renameSync(aside, final);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    // Another process may have finished first: its build has the same sources.
    if (!existsSync(final)) throw error;
  }
}

/** The time of a build's directory is the time at which another build replaced it. */
function retirePreviousBuild(root, newest) {
  const previous = readBuildRecord(root)?.directory;
  if (previous === undefined || previous === newest) return;
  const directory = path.join(distDirectory(root), previous);
  if (existsSync(directory)) utimesSync(directory, new Date(), new Date());
}

/** Writes a file aside and renames it: readers see the old or the new one. @param {string} file @param {string} text */
export function replaceFile(file, text) {
  const aside = `${file}.${randomUUID()}`;
  writeFileSync(aside, text);
  renameSync(aside, file);
}

function removeOldBuilds(dist, newest) {
  for (const name of readdirSync(dist)) {
    if (name === newest || !(BUILD.test(name) || UNFINISHED.test(name))) continue;
    const directory = path.join(dist, name);
    const { mtimeMs } = statSync(directory, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > REMOVED_AFTER_MS) rmSync(directory, { recursive: true, force: true });
  }
}
