import { readFileSync } from 'node:fs';

/** Where the system does not say: the usual soft limit of Linux. */
const USUAL_LIMIT = 1_024;

/** How many descriptors (files and sockets) this process may have open. Node has no call for it; Linux shows it in /proc. */
export function descriptorLimit(read = () => readFileSync('/proc/self/limits', 'utf8')): number {
  try {
    const [, soft] = /^Max open files\s+(\d+|unlimited)/mu.exec(read()) ?? [];
    return soft === 'unlimited' ? Infinity : Number(soft ?? USUAL_LIMIT);
  } catch {
    return USUAL_LIMIT;
  }
}

/** More connections than this one process does not serve. */
const MOST_CONNECTIONS = 10_000;
/** A call needs a journal and connections to services beside its own socket. */
const SHARE_OF_DESCRIPTORS = 0.5;

/** How many connections the HTTP server accepts at once, so that descriptors are left for journals and services. */
export function connectionLimit(descriptors: number): number {
  return Math.min(MOST_CONNECTIONS, Math.floor(descriptors * SHARE_OF_DESCRIPTORS));
}
