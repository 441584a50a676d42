import { readdirSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'vite';

const ROOT = import.meta.dirname;

/** Replaced by the server in each answer; see `src/http/pages.ts`. */
const NONCE = 'OFFHOOK_NONCE';

/** Every page is an entrance of its own. */
const documents = readdirSync(ROOT).filter((name) => name.endsWith('.html'));

export default defineConfig({
  root: ROOT,
  base: '/',
  publicDir: false,
  logLevel: 'warn',
  // Vite keeps notes of what it did; a build needs none, and the checkout may be read-only.
  cacheDir: path.join(ROOT, '../node_modules/.vite'),
  html: { cspNonce: NONCE },
  build: {
    target: 'es2022',
    assetsDir: 'assets',
    // Nothing as data: in a page; the content security policy allows none.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    emptyOutDir: true,
    rolldownOptions: { input: documents.map((name) => path.join(ROOT, name)) },
  },
});
