import { readdirSync, readlinkSync } from 'node:fs';
import { availableParallelism, getPriority, setPriority } from 'node:os';
import path from 'node:path';

/** As for nice(2): the thread gets about a tenth of a processor that a thread with calls wants, too. */
const LOW_PRIORITY = 10;

/**
 * Lowers the priority of the calling thread if the system has priorities of threads (Linux; see sched(7)). Live calls have
 * precedence on a busy processor; an idle one runs the thread as fast as before. Calling it again changes nothing.
 */
export function lowerThreadPriority(): void {
  lower(() => Number(path.basename(readlinkSync('/proc/thread-self'))));
}

/**
 * On a machine with one processor: lowers the priority of all threads that this process has now, but of the main one. These are V8's,
 * for garbage collection, and libuv's, for files and names. At equal priority V8's four leave the main thread a fifth of the processor
 * while they mark. With several processors nothing is lowered: the main thread may wait for one of these threads, and that thread for
 * another program. A limit of CPU time (cgroups) does not count as a number of processors.
 */
export function lowerHelperThreads(processors = availableParallelism()): void {
  if (processors > 1) return;
  for (const thread of ownThreads()) if (thread !== process.pid) lower(() => thread);
}

function ownThreads(): number[] {
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return [];
  }
}

/** Without Linux, or if the thread has ended, nothing happens. */
function lower(thread: () => number): void {
  try {
    const id = thread();
    if (getPriority(id) < LOW_PRIORITY) setPriority(id, LOW_PRIORITY);
  } catch {
    // The thread does the same work at its old priority.
  }
}
