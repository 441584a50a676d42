import { readFileSync } from 'node:fs';

/** The usual soft limit of Linux, for systems without /proc. */
const DEFAULT_LIMIT = 1_024;

/** The limit of open descriptors (files and sockets) of this process. Node has no function for it; Linux has it in /proc. */
export function descriptorLimit(read = () => readFileSync('/proc/self/limits', 'utf8')): number {
  try {
    const [, soft] = /^Max open files\s+(\d+|unlimited)/mu.exec(read()) ?? [];
    return soft === 'unlimited' ? Infinity : Number(soft ?? DEFAULT_LIMIT);
  } catch {
    return DEFAULT_LIMIT;
  }
}

const MAX_CONNECTIONS = 10_000;
/** The rest is for journals and connections to services. */
const SHARE_OF_DESCRIPTORS = 0.5;

/** How many connections the HTTP server accepts at once, so that descriptors are left for journals and services. */
export function connectionLimit(descriptors: number): number {
  return Math.min(MAX_CONNECTIONS, Math.floor(descriptors * SHARE_OF_DESCRIPTORS));
}
