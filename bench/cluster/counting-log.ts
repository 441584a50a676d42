import type { Log } from '../../src/log.ts';

/** Counts the messages of a log. */
export function countingLog(counts: Map<string, number>): Log {
  const count = (_fields: object, message: string): void =>
    void counts.set(message, (counts.get(message) ?? 0) + 1);
  const log = { debug: count, info: count, warn: count, error: count, child: () => log };
  return log as unknown as Log;
}
