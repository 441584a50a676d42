import type { Flac } from 'libflacjs';
import { createRequire } from 'node:module';

let loading: Promise<Flac> | undefined;

/** Loads libFLAC once; uses the pure JavaScript build (four times slower) if WebAssembly is missing. */
export function loadLibflac(): Promise<Flac> {
  loading ??= whenReady(requireBuild('WebAssembly' in globalThis ? 'libflac.wasm.js' : 'libflac.js'));
  return loading;
}

function requireBuild(build: string): Flac {
  const require = createRequire(import.meta.url);
  const { fetch } = globalThis;
  // libflacjs takes `fetch` as a sign of a browser and then requests its .wasm file by a relative path. Loading is
  // synchronous up to that check, so hiding `fetch` meanwhile affects no other code.
  Reflect.deleteProperty(globalThis, 'fetch');
  try {
    return require(`libflacjs/dist/${build}`) as Flac;
  } finally {
    globalThis.fetch = fetch;
  }
}

function whenReady(flac: Flac): Promise<Flac> {
  return new Promise((resolve) => {
    if (flac.isReady()) resolve(flac);
    else flac.on('ready', () => resolve(flac));
  });
}
