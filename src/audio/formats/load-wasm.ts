import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const modules = new Map<string, Promise<WebAssembly.Module>>();

/** Compiles a .wasm file of an installed package once; all encoders share it. */
export function loadWasm(specifier: string): Promise<WebAssembly.Module> {
  let module = modules.get(specifier);
  if (module === undefined) {
    module = readFile(createRequire(import.meta.url).resolve(specifier)).then((bytes) =>
      WebAssembly.compile(bytes),
    );
    modules.set(specifier, module);
  }
  return module;
}
