import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const ROOT = import.meta.dirname;

/** The server replaces it in each response; see `src/http/pages.ts`. */
const NONCE = 'OFFHOOK_NONCE';

/** Licences of packages whose bundles are copied, next to the bundles, which name them. */
const LICENCES = [
  'swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt',
  'swagger-ui-dist/LICENSE',
  'swagger-ui-dist/NOTICE',
  'redoc/bundles/redoc.standalone.js.LICENSE.txt',
  'redoc/LICENSE',
];

const licences: Plugin = {
  name: 'licences',
  generateBundle() {
    for (const file of LICENCES) {
      const [name = ''] = file.split('/');
      const fileName = `assets/${file.endsWith('.txt') ? path.basename(file) : `${name}.${path.basename(file)}.txt`}`;
      this.emitFile({
        type: 'asset',
        fileName,
        source: readFileSync(path.join(ROOT, '../node_modules', file)),
      });
    }
  },
};

/** Changes to Redoc's bundle. The content security policy refuses the rest. */
const REDOC_CHANGES = [
  // Its option `nonce` comes after its first style element.
  ['.nc=void 0', `.nc=document.querySelector('meta[property="csp-nonce"]').nonce`],
  // Its mark comes from another server. Without an image, Redoc shows none.
  ['src:"https://cdn.redoc.ly/redoc/logo-mini.svg"', 'src:"data:,"'],
] as const;

const ownRedoc: Plugin = {
  name: 'own-redoc',
  generateBundle(_, bundle) {
    const file = Object.values(bundle).find(({ fileName }) => fileName.includes('redoc.standalone-'));
    if (file?.type !== 'asset') throw new Error("Redoc's bundle is missing");
    let text = Buffer.from(file.source).toString();
    for (const [from, to] of REDOC_CHANGES) {
      if (text.split(from).length !== 2) throw new Error(`Redoc's bundle does not contain once: ${from}`);
      text = text.replace(from, to);
    }
    file.source = text;
  },
};

/** Every page is a separate entry point. */
const documents = readdirSync(ROOT).filter((name) => name.endsWith('.html'));

export default defineConfig({
  root: ROOT,
  // The server completes the addresses in documents, because it may be below a prefix: see `src/http/page-document.ts`.
  base: './',
  publicDir: false,
  plugins: [licences, ownRedoc],
  logLevel: 'warn',
  // Vite stores a cache; a build needs none, and the checkout may be read-only.
  cacheDir: path.join(ROOT, '../node_modules/.vite'),
  html: { cspNonce: NONCE },
  // The package's ESM entry has no default export; Node.js, too, gets this file.
  resolve: { alias: { alawmulaw: 'alawmulaw/dist/alawmulaw.js' } },
  build: {
    target: 'es2022',
    assetsDir: 'assets',
    // No inlined assets: the content security policy allows no data URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    emptyOutDir: true,
    rolldownOptions: {
      input: documents.map((name) => path.join(ROOT, name)),
      // Users of a slow machine would read it at the first start.
      checks: { bundlerTimings: false },
    },
  },
});
