/** `npm run build`: builds `dist/` from `src/` and `pages/`, unless it is up to date. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isBuilt } from './sources.mjs';
import { writeBuild } from './write-build.mjs';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** Packages that only the build needs. */
const TOOLS = ['esbuild', 'vite'];

/** The entry points of processes and threads, and the entry of the package. */
const ENTRIES = {
  offhook: 'src/cli/offhook.ts',
  index: 'src/app/public-api.ts',
  'journal-thread': 'src/journal/writer-thread.ts',
  'replication-thread': 'src/cluster/journals/replication-thread.ts',
  'worker-thread': 'src/workers/worker-thread.ts',
  'catalogue-thread': 'src/catalogue/sql/catalogue-thread.ts',
};

/** Packages of hundreds of small modules: bundling them saves a quarter of the start's CPU time and 18 MB of memory. */
const BUNDLED = ['kysely', 'libphonenumber-js', 'n2words', 'undici', 'zod'];

const REQUIRE =
  "import { createRequire as requireOf } from 'node:module';\nconst require = requireOf(import.meta.url);";

/** Packages that the build leaves in `node_modules`. */
function externalPackages() {
  const { dependencies, optionalDependencies } = JSON.parse(
    readFileSync(path.join(ROOT, 'package.json'), 'utf8'),
  );
  return Object.keys({ ...dependencies, ...optionalDependencies })
    .filter((name) => !BUNDLED.includes(name))
    .flatMap((name) => [name, `${name}/*`]);
}

async function buildServer(directory) {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: ROOT,
    entryPoints: ENTRIES,
    outdir: path.join(directory, 'server'),
    bundle: true,
    splitting: true,
    external: externalPackages(),
    format: 'esm',
    // undici is CommonJS and requires modules of Node.
    banner: { js: REQUIRE },
    platform: 'node',
    target: 'node20.19',
    chunkNames: 'chunks/[name]-[hash]',
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'warning',
  });
}

async function buildPages(directory) {
  const { build } = await import('vite');
  await build({
    configFile: path.join(ROOT, 'pages/vite.config.ts'),
    // The other loaders write a file next to the configuration.
    configLoader: 'runner',
    build: { outDir: path.join(directory, 'pages') },
  });
}

async function main() {
  process.env.NODE_ENV = 'production';
  if (isBuilt(ROOT)) return;
  await writeBuild(ROOT, async (directory) => {
    await Promise.all([buildServer(directory), buildPages(directory)]);
  });
}

function explain(error) {
  const missing = TOOLS.find(
    (tool) => error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes(`'${tool}'`),
  );
  if (missing !== undefined)
    return `The build needs ${missing}, an optional dependency that is not installed: run "npm ci" without --omit=optional.`;
  if (['EACCES', 'EPERM', 'EROFS'].includes(error.code))
    return `${error.path} cannot be written: run "npm run build" as the owner of this directory.`;
  return error.stack;
}

try {
  await main();
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}
