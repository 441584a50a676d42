import { fileURLToPath } from 'node:url';
import { createServices } from '../src/app/services/create-services.ts';
import { loadPrompts } from '../src/app/load-prompts.ts';
import { createServer } from '../src/app/server.ts';
import { createLog } from '../src/log.ts';
import type { CallFileSettings } from '../src/records/write-call-files.ts';
import { readSettings } from '../src/settings/settings.ts';
import { WorkerPool } from '../src/workers/worker-pool.ts';
import { answerQuestions } from './ask.ts';
import { processFigures } from './process-figures.ts';

/** The production server with recording enabled, in a process that reports its own cost. */
const figures = processFigures();
const pool = new WorkerPool();

answerQuestions({
  listen: async (env: Readonly<Record<string, string>>) => {
    const read = readSettings(env, { dotEnv: {}, audioConfig: {} }, process.cwd());
    if (!read.ok) throw new Error(read.errors.join('\n'));
    const { settings } = read;
    const shipped = fileURLToPath(new URL('../prompts', import.meta.url));
    const { book } = await loadPrompts(settings.promptsDirectory, shipped, settings.language);
    const app = await createServer({
      settings,
      log: createLog({ level: settings.logLevel }),
      assistant: { services: createServices(settings), prompts: book },
      release: { version: 'bench' },
    });
    return app.listen(0, '127.0.0.1');
  },
  begin: figures.begin,
  end: figures.end,
  /** Finishes calls in the finishing threads with the given parallelism; resolves with the seconds it took. */
  finish: async ({ journals, settings }: { journals: string[]; settings: CallFileSettings }) => {
    const since = performance.now();
    await Promise.all(journals.map((journal) => pool.write(journal, settings)));
    return (performance.now() - since) / 1_000;
  },
  exit: () => {
    // Exits normally, so that a profile is written.
    setTimeout(() => process.exit(0), 10);
    return true;
  },
});
