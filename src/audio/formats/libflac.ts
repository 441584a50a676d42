import type { Flac } from 'libflacjs';
import { createRequire } from 'node:module';

let loading: Promise<Flac> | undefined;

/** libFLAC, loaded once; its pure JavaScript build (four times slower) where there is no WebAssembly. */
export function loadLibflac(): Promise<Flac> {
  loading ??= whenReady(requireBuild('WebAssembly' in globalThis ? 'libflac.wasm.js' : 'libflac.js'));
  return loading;
}

function requireBuild(build: string): Flac {
  const require = createRequire(import.meta.url);
  const { fetch } = globalThis;
  // It takes the presence of `fetch` for a browser and asks for its .wasm file by a bare path; loading is synchronous
  // up to that decision, so nobody else can miss `fetch` meanwhile.
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
