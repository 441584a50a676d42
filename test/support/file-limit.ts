import { runTool } from './run-tool.ts';

/**
 * No file of that process (default: this one) may grow beyond so many bytes: writes are short and then fail, as on a
 * full disk, until the limit is lifted. Needs no privileges. Returns how to lift it.
 */
export function limitFiles(bytes: number, pid = process.pid): () => void {
  const set = (limit: string): void => {
    runTool('prlimit', ['--pid', String(pid), `--fsize=${limit}:unlimited`]);
  };
  set(String(bytes));
  return () => set('unlimited');
}
