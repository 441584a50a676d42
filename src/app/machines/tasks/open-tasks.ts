import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { CallDirectory, CallTask } from '../../../records/call-task.ts';
import type { DataDirectory } from '../../../storage/data-directory.ts';
import { replaceDurably } from '../../../storage/durable-file.ts';

/** Tasks at this machine that wait for directories of other machines. */
const MOST_OPEN = 10_000;
const NAME = /^(CA[0-9a-f]{32})\.(erase|hold)\.json$/iu;

/** A task that was asked for at this machine and is not done in all directories. */
export interface OpenTask {
  readonly callSid: string;
  readonly task: CallTask;
  /** Absent: Redis did not answer, and no directory has the task. */
  readonly number?: string | undefined;
  /** The directories that have not confirmed it. */
  readonly waiting?: readonly Pick<CallDirectory, 'id' | 'name'>[] | undefined;
}

/** Tasks on disk until the last directory has confirmed them: a Redis that loses its data gets them again. */
export class OpenTasks {
  readonly #directories: Pick<DataDirectory, 'tasks' | 'temporary'>;

  constructor(directories: Pick<DataDirectory, 'tasks' | 'temporary'>) {
    this.#directories = directories;
  }

  /** Those that can be read. */
  all(): readonly OpenTask[] {
    return this.#names().flatMap((name) => {
      const [, callSid = '', kind = ''] = NAME.exec(name) ?? [];
      return this.read(callSid, kind as CallTask['kind']) ?? [];
    });
  }

  /** Undefined: there is none, or the file was not written by offhook. */
  read(callSid: string, kind: CallTask['kind']): OpenTask | undefined {
    try {
      return JSON.parse(readFileSync(this.#path(callSid, kind), 'utf8')) as OpenTask;
    } catch {
      return undefined;
    }
  }

  /** It is on disk when this resolves. Rejects if too many tasks wait. */
  async write(task: OpenTask): Promise<void> {
    const target = this.#path(task.callSid, task.task.kind);
    if (!existsSync(target) && this.#names().length >= MOST_OPEN)
      throw new Error(`${MOST_OPEN} erasures and holds wait for other machines; no more are accepted`);
    const unfinished = path.join(
      this.#directories.temporary,
      `task.${path.basename(target)}.${randomUUID()}`,
    );
    await replaceDurably(target, unfinished, `${JSON.stringify(task)}\n`);
  }

  async remove(callSid: string, kind: CallTask['kind']): Promise<void> {
    await rm(this.#path(callSid, kind), { force: true });
  }

  #names(): string[] {
    const { tasks } = this.#directories;
    return existsSync(tasks) ? readdirSync(tasks).filter((name) => NAME.test(name)) : [];
  }

  #path(callSid: string, kind: CallTask['kind']): string {
    return path.join(this.#directories.tasks, `${callSid}.${kind}.json`);
  }
}

/** A directory that was forgotten is not waited for. */
export function withoutForgotten(task: OpenTask, forgotten: ReadonlySet<string>): OpenTask {
  if (!task.waiting?.some(({ id }) => forgotten.has(id))) return task;
  return { ...task, waiting: task.waiting.filter(({ id }) => !forgotten.has(id)) };
}
