import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A build takes two seconds here; one that takes so long hangs. */
const BUILD_WITHIN_MS = 120_000;
/** What a build says is for the log, and not all of it. */
const LONGEST_WORDS = 4_000;
/** Builds of other sources, and what builds left behind that were killed, are of no use to anybody after this. */
const USELESS_AFTER_MS = 24 * 3_600_000;
const BUILT = /^pages-[0-9a-f]{16}$/u;
const ASIDE = /^\.pages-/u;

/**
 * The pages as browsers read them, made from `pages/` by Vite. A build lies in a folder named after a hash of all that it
 * was made of, and gets that name when it is whole: so it is never out of date or half there, and two processes that
 * build at once do not disturb each other. Where the checkout cannot be written to it lies in a folder of its own.
 */
export class PageBuild {
  /** Where the pages lie; undefined until they are made. */
  folder: string | undefined;
  /** Why they cannot be made. */
  trouble: string | undefined;
  readonly #checkout: string;
  #building: ChildProcess | undefined;
  #own: string | undefined;

  constructor(checkout: string) {
    this.#checkout = checkout;
  }

  /** Resolves when the pages are there, or cannot be made. */
  async prepare(): Promise<void> {
    try {
      const name = `pages-${this.#hash()}`;
      const built = path.join(this.#checkout, 'dist', name);
      this.folder = existsSync(built) ? built : await this.#build(built);
    } catch (error) {
      this.trouble = error instanceof Error ? error.message : String(error);
    }
  }

  close(): void {
    this.#building?.kill('SIGKILL');
    if (this.#own !== undefined) rmSync(this.#own, { recursive: true, force: true });
  }

  /** Of everything that a build is made of: the sources, and the versions of all packages. */
  #hash(): string {
    const hash = createHash('sha256');
    const sources = path.join(this.#checkout, 'pages');
    for (const file of filesIn(sources))
      hash.update(`${file}\0`).update(readFileSync(path.join(sources, file)));
    hash.update(readFileSync(path.join(this.#checkout, 'package-lock.json')));
    return hash.digest('hex').slice(0, 16);
  }

  async #build(built: string): Promise<string> {
    const aside = this.#makeAside(path.dirname(built));
    await this.#runVite(aside).catch((error: unknown) => {
      rmSync(aside, { recursive: true, force: true });
      throw error;
    });
    if (aside === this.#own) return aside;
    try {
      renameSync(aside, built);
    } catch (error) {
      // Another process was first; its build is as good.
      rmSync(aside, { recursive: true, force: true });
      if (!existsSync(built)) throw error;
    }
    return built;
  }

  #makeAside(dist: string): string {
    try {
      mkdirSync(dist, { recursive: true });
      tidy(dist);
      const aside = path.join(dist, `.pages-${randomUUID()}`);
      mkdirSync(aside);
      return aside;
    } catch {
      this.#own = mkdtempSync(path.join(tmpdir(), 'offhook-pages-'));
      return this.#own;
    }
  }

  #runVite(into: string): Promise<void> {
    const require = createRequire(path.join(this.#checkout, 'package.json'));
    const vite = path.join(path.dirname(require.resolve('vite/package.json')), 'bin/vite.js');
    const config = path.join(this.#checkout, 'pages/vite.config.ts');
    // Loaded natively or bundled, a configuration would be written beside itself; `runner` writes nothing.
    const words = ['build', '--config', config, '--configLoader', 'runner', '--outDir', into];
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [vite, ...words], {
        cwd: this.#checkout,
        // Nothing of the server's: the same sources make the same pages, and keys are no business of a build.
        env: { NODE_ENV: 'production' },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: BUILD_WITHIN_MS,
        killSignal: 'SIGKILL',
      });
      this.#building = child;
      let said = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (words: Buffer) => (said = (said + words.toString()).slice(-LONGEST_WORDS)));
      child.on('error', reject);
      child.on('close', (code, signal) => {
        this.#building = undefined;
        if (code === 0) resolve();
        else reject(new Error(`vite build ended with ${code ?? signal}: ${said.trim()}`));
      });
    });
  }
}

/** Sorted, with forward slashes, so that the hash is the same everywhere. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .sort();
}

function tidy(dist: string): void {
  for (const name of readdirSync(dist)) {
    if (!BUILT.test(name) && !ASIDE.test(name)) continue;
    const folder = path.join(dist, name);
    const { mtimeMs } = statSync(folder, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > USELESS_AFTER_MS) rmSync(folder, { recursive: true, force: true });
  }
}
