import type { RedisTasks } from '../../../cluster/tasks/redis-tasks.ts';
import type { CallDirectory } from '../../../records/call-task.ts';

/** The directories of other machines that Redis names or has named: one that has lost its data does not name those whose machines are away. */
export class OtherDirectories {
  readonly #tasks: RedisTasks;
  readonly #own: CallDirectory;
  readonly #seen = new Map<string, CallDirectory>();

  constructor(tasks: RedisTasks, own: CallDirectory) {
    this.#tasks = tasks;
    this.#own = own;
  }

  /** All but those that were forgotten. Rejects if Redis does not answer. */
  async read(): Promise<readonly CallDirectory[]> {
    for (const directory of await this.#tasks.directories()) this.#seen.set(directory.id, directory);
    for (const id of [this.#own.id, ...(await this.#tasks.forgotten())]) this.#seen.delete(id);
    return [...this.#seen.values()];
  }
}
