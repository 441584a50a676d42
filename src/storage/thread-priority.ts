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
 * Lowers the priority of all threads of this process but the main one, on a machine with one processor. Node starts four
 * threads for the garbage collector of V8: at equal priority they leave the main thread a fifth of the only processor while
 * they mark. With several processors the main thread would wait for them where other programs are busy.
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
