import { readdirSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'vite';

const ROOT = import.meta.dirname;

/** The server replaces it in each response; see `src/http/pages.ts`. */
const NONCE = 'OFFHOOK_NONCE';

/** Every page is a separate entry point. */
const documents = readdirSync(ROOT).filter((name) => name.endsWith('.html'));

export default defineConfig({
  root: ROOT,
  // The server completes the addresses in documents, because it may be below a prefix: see `src/http/page-document.ts`.
  base: './',
  publicDir: false,
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
    rolldownOptions: { input: documents.map((name) => path.join(ROOT, name)) },
  },
});
