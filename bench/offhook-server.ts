import { fileURLToPath } from 'node:url';
import { createServices } from '../src/app/create-services.ts';
import { loadPrompts } from '../src/app/load-prompts.ts';
import { createServer } from '../src/app/server.ts';
import { createLog } from '../src/log.ts';
import type { CallFileSettings } from '../src/records/write-call-files.ts';
import { readSettings } from '../src/settings/settings.ts';
import { WorkerPool } from '../src/workers/worker-pool.ts';
import { answerQuestions } from './ask.ts';
import { processFigures } from './process-figures.ts';

/** The server as it ships, recording on, in a process that can be asked what it cost. */
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
  /** Has calls finished by the threads that finish them, so many at the same time; resolves with the seconds it took. */
  finish: async ({ journals, settings }: { journals: string[]; settings: CallFileSettings }) => {
    const since = performance.now();
    await Promise.all(journals.map((journal) => pool.write(journal, settings)));
    return (performance.now() - since) / 1_000;
  },
  exit: () => {
    // So that a profile is written.
    setTimeout(() => process.exit(0), 10);
    return true;
  },
});
