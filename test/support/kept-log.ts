import { createLog, type Log } from '../../src/log.ts';

/** A log whose lines a test reads. */
export function keptLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  return { log: createLog({ level: 'info', destination: { write } }), lines };
}
