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

const figures = processFigures();
const threads = threadCpu();
const pool = new WorkerPool();
let profiler: ThreadProfiler | undefined;

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
    const app = await offhook.createServer({
      ...{ settings, log },
      assistant: { services: offhook.createServices(settings), prompts: book },
      release: { version: 'bench' },
      records: {
        catalogue: await offhook.openConfiguredCatalogue(settings, log),
        store: await offhook.openConfiguredStore(settings),
      },
    });
    return app.listen(0, '127.0.0.1');
  },
  begin: figures.begin,
  end: figures.end,
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
