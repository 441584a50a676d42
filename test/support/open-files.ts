import { readdirSync, readlinkSync } from 'node:fs';

/** How many files this process holds open whose path begins like this. */
export function openFiles(beginning: string): number {
  const numbers = readdirSync('/proc/self/fd');
  return numbers.filter((number) => targetOf(number)?.startsWith(beginning)).length;
}

/** A file may be closed while they are looked at. */
function targetOf(number: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${number}`);
  } catch {
    return undefined;
  }
}
