import { execFile } from 'node:child_process';
import { getPriority } from 'node:os';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/** Other systems have no priorities of threads: nothing changes there. */
const IS_LINUX = process.platform === 'linux';
/** That of this process: it may have been started by nice(1). */
const OWN = getPriority();
const LOW = IS_LINUX ? Math.max(10, OWN) : OWN;
const MODULE = new URL('../../src/storage/thread-priority.ts', import.meta.url).href;

/** Runs a script in a process of its own and returns what it prints as JSON. */
async function printedBy(script: string): Promise<unknown> {
  const code = `
    import { existsSync, readdirSync } from 'node:fs';
    import { getPriority, setPriority } from 'node:os';
    import { Worker } from 'node:worker_threads';
    const { lowerHelperThreads, lowerThreadPriority } = await import('${MODULE}');
    const threads = () => (existsSync('/proc/self/task') ? readdirSync('/proc/self/task').map(Number) : []);
    const others = () => threads().filter((id) => id !== process.pid);
    // A thread may have ended meanwhile.
    const priorityOf = (id) => { try { return [getPriority(id)]; } catch { return []; } };
    ${script}`;
  const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', code];
  return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
}

describe('priority of threads', () => {
  it('with one processor: all threads but the main one and later ones are lowered', async () => {
    const [before, after, main, later] = (await printedBy(`
      const there = others();
      const before = there.flatMap(priorityOf);
      lowerHelperThreads(1);
      const after = there.flatMap(priorityOf);
      const worker = new Worker('setInterval(() => undefined, 1000)', { eval: true });
      await new Promise((resolve) => worker.once('online', resolve));
      const later = others().filter((id) => !there.includes(id)).flatMap(priorityOf);
      console.log(JSON.stringify([before, after, getPriority(process.pid), later]));
      await worker.terminate();`)) as [number[], number[], number, number[]];
    expect(before.length > 0).toBe(IS_LINUX);
    expect(new Set(after)).toEqual(new Set(IS_LINUX ? [LOW] : []));
    expect(main).toBe(OWN);
    expect(new Set(later)).toEqual(new Set(IS_LINUX ? [OWN] : []));
  });

  it('with several processors: nothing is changed', async () => {
    const [before, after] = (await printedBy(`
      const before = others().flatMap(priorityOf);
      lowerHelperThreads(2);
      console.log(JSON.stringify([before, others().flatMap(priorityOf)]));`)) as [number[], number[]];
    expect(new Set(after)).toEqual(new Set(before));
  });

  it('a thread lowers itself alone, and never raises itself', async () => {
    const [main, others, again] = (await printedBy(`
      lowerThreadPriority();
      const main = getPriority(process.pid);
      setPriority(process.pid, 19);
      lowerThreadPriority();
      console.log(JSON.stringify([main, others().flatMap(priorityOf), getPriority(process.pid)]));`)) as [
      number,
      number[],
      number,
    ];
    expect(main).toBe(LOW);
    expect(new Set(others)).toEqual(new Set(IS_LINUX ? [OWN] : []));
    expect(again).toBe(19);
  });
});
