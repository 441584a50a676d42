import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const THIS_FILE = fileURLToPath(import.meta.url);

/** The directory of this package: the nearest one above this file that has a package.json. */
export const PACKAGE_ROOT = findPackageRoot(path.dirname(THIS_FILE));

const DIST = path.join(PACKAGE_ROOT, 'dist');

/** The scripts of worker threads, as the build names them. */
export type ThreadScript = 'journal-thread' | 'replication-thread' | 'worker-thread' | 'catalogue-thread';

export function packageVersion(): string {
  return (JSON.parse(readFileSync(path.join(PACKAGE_ROOT, 'package.json'), 'utf8')) as { version: string })
    .version;
}

/** The recorded phrases that the package contains. */
export function shippedPrompts(): string {
  return path.join(PACKAGE_ROOT, 'prompts');
}

/** The pages for browsers, as the build made them. */
export function builtPages(): string {
  return path.join(buildDirectory(), 'pages');
}

/** What a worker thread is started with. Threads run built JavaScript, also where the program runs from sources. */
export function threadScript(name: ThreadScript): URL {
  return pathToFileURL(path.join(buildDirectory(), 'server', `${name}.js`));
}

/**
 * A built file belongs to one build and uses files of that build alone, also after a newer build was made. Sources (in
 * tests and scripts) use the newest build. Throws if there is none.
 */
function buildDirectory(): string {
  const [top, build] = path.relative(PACKAGE_ROOT, THIS_FILE).split(path.sep);
  if (top === 'dist' && build !== undefined) return path.join(DIST, build);
  const record = path.join(DIST, 'build.json');
  if (!existsSync(record)) throw new Error('offhook is not built: run "npm run build".');
  return path.join(DIST, (JSON.parse(readFileSync(record, 'utf8')) as { directory: string }).directory);
}

function findPackageRoot(from: string): string {
  if (existsSync(path.join(from, 'package.json'))) return from;
  const parent = path.dirname(from);
  if (parent === from) throw new Error('offhook finds no package.json above its own files.');
  return findPackageRoot(parent);
}
