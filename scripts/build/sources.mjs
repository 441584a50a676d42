/** The sources of a build, and whether the newest build is up to date. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The lock file represents the versions of the packages that are bundled into the pages. */
const SOURCES = ['src', 'pages', 'scripts/build', 'package.json', 'package-lock.json', 'tsconfig.json'];

/** @param {string} root */
export function distDirectory(root) {
  return path.join(root, 'dist');
}

/**
 * The record of the newest build; undefined if there is none.
 *
 * @param {string} root
 * @returns {{ directory: string, fingerprint: string } | undefined}
 */
export function readBuildRecord(root) {
  try {
    return JSON.parse(readFileSync(path.join(distDirectory(root), 'build.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * True if the newest build is made of the present sources. Names, sizes and times are compared first. If they differ, as
 * in a copied checkout, the contents decide. @param {string} root
 */
export function isBuilt(root) {
  const record = readBuildRecord(root);
  if (record === undefined || !isDirectory(path.join(distDirectory(root), record.directory))) return false;
  const files = sourceFiles(root);
  const fingerprint = fingerprintOf(root, files);
  if (record.fingerprint === fingerprint) return true;
  if (record.directory !== hashOf(root, files)) return false;
  rememberFingerprint(root, { ...record, fingerprint });
  return true;
}

/** Relative to `root`, sorted, with forward slashes, so that hashes are the same everywhere. @param {string} root */
export function sourceFiles(root) {
  return SOURCES.flatMap((name) => filesIn(root, name)).sort();
}

/** A hash of the contents. @param {string} root @param {readonly string[]} files */
export function hashOf(root, files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const bytes = readFileSync(path.join(root, file));
    hash.update(`${file}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex').slice(0, 16);
}

/** A hash of names, sizes and times. @param {string} root @param {readonly string[]} files */
export function fingerprintOf(root, files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const { size, mtimeMs } = statSync(path.join(root, file));
    hash.update(`${file}\0${size}\0${mtimeMs}\0`);
  }
  return hash.digest('hex').slice(0, 16);
}

function filesIn(root, name) {
  const stats = statSync(path.join(root, name), { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (stats.isFile()) return [name];
  return readdirSync(path.join(root, name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'));
}

function isDirectory(name) {
  return statSync(name, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Only saves time at the next start; a read-only checkout works too. */
function rememberFingerprint(root, record) {
  try {
    writeFileSync(path.join(distDirectory(root), 'build.json'), `${JSON.stringify(record)}\n`);
  } catch {
    // See above.
  }
}
