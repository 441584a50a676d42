import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type * as PublicApi from '../src/app/public-api.ts';
import type { CallFileSettings } from '../src/records/write-call-files.ts';
import { WorkerPool } from '../src/workers/worker-pool.ts';
import { answerQuestions } from './ask.ts';
import { functionTimes } from './profile-rows.ts';
import { processFigures } from './process-figures.ts';
import { threadCpu } from './thread-cpu.ts';
import { ThreadProfiler } from './thread-profiler.ts';

/** The built server, as `offhook serve` composes it, in a process that reports its own cost. */
const BUILD: string = new URL('../dist/index.js', import.meta.url).href;
const offhook = (await import(BUILD)) as typeof PublicApi;

const OFFHOOK = fileURLToPath(new URL('../bin/offhook.mjs', import.meta.url));
/** As on every Linux: CPU time is counted in hundredths of a second. */
const TICKS_PER_SECOND = 100;
const figures = processFigures();
const children: number[] = [];
let childrenSince = 0;

/** User and system time of the further processes, by proc(5). */
function childrenCpuSeconds(): number {
  const ticks = children.flatMap((pid) => {
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /su, '')
      .split(' ');
    return [Number(afterName[11]), Number(afterName[12])];
  });
  return ticks.reduce((sum, each) => sum + each, 0) / TICKS_PER_SECOND;
}

const threads = threadCpu();
const pool = new WorkerPool();
let profiler: ThreadProfiler | undefined;

/** A further process with calls, as `offhook serve` starts it. */
function startProcess(env: Readonly<Record<string, string>>): (number: number) => ChildProcess {
  return (number) => {
    const child = fork(OFFHOOK, ['call-process', String(number)], {
      env: { PATH: process.env['PATH'], ...env },
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    if (child.pid !== undefined) children.push(child.pid);
    return child;
  };
}

answerQuestions({
  listen: async (env: Readonly<Record<string, string>>) => {
    const read = offhook.readSettings(env, { dotEnv: {}, audioConfig: {} }, process.cwd());
    if (!read.ok) throw new Error(read.errors.join('\n'));
    const { settings } = read;
    const log = offhook.createLog({ level: settings.logLevel });
    const { book } = await offhook.loadPrompts(
      settings.promptsDirectory,
      offhook.shippedPrompts(),
      settings.language,
    );
    const dependencies = {
      ...{ settings, log },
      assistant: { services: offhook.createServices(settings), prompts: book },
      release: { version: 'bench', pages: offhook.builtPages() },
      records: {
        catalogue: await offhook.openConfiguredCatalogue(settings, log),
        store: await offhook.openConfiguredStore(settings),
      },
    };
    const further = { count: Number(settings.limits.workers) - 1, start: startProcess(env) };
    const app = await offhook.createServer(dependencies, {
      processes: further.count > 0 ? further : undefined,
    });
    return app.listen(0, '127.0.0.1');
  },
  begin: () => {
    childrenSince = childrenCpuSeconds();
    figures.begin();
  },
  end: () => {
    const own = figures.end();
    return { ...own, cpuSeconds: own.cpuSeconds + childrenCpuSeconds() - childrenSince };
  },
  /** The further processes would finish their calls. */
  killFurther: () => {
    for (const pid of children) process.kill(pid, 'SIGKILL');
  },
  liveBytes: figures.liveBytes,
  beginThreads: threads.begin,
  endThreads: threads.end,
  beginProfile: async () => {
    profiler = new ThreadProfiler();
    await profiler.begin();
  },
  endProfile: async () => functionTimes((await profiler?.end()) ?? []),
  /** Finishes calls in the finishing threads with the given parallelism; resolves with the seconds it took. */
  finish: async ({ journals, settings }: { journals: string[]; settings: CallFileSettings }) => {
    const since = performance.now();
    await Promise.all(journals.map((journal) => pool.write(journal, settings)));
    return (performance.now() - since) / 1_000;
  },
});
