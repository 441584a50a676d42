import type { RedisOutage } from '../../../cluster/redis-outage.ts';
import type { RedisTasks } from '../../../cluster/tasks/redis-tasks.ts';
import type { Clock } from '../../../events/clock.ts';
import type { Log } from '../../../log.ts';
import type { CallDirectory, CallTask, NumberedTask, TaskResult } from '../../../records/call-task.ts';
import { OtherDirectories } from './other-directories.ts';
import { type OpenTask, type OpenTasks, withoutForgotten } from './open-tasks.ts';

/** Without news, tasks are looked for this often. */
const LOOK_EVERY_MS = 5_000;
/** Machines that are alive confirm a task within this time, or it is reported as pending. */
const CONFIRMED_WITHIN_MS = 3_000;
const CONFIRMED_POLL_MS = 50;
const REDIS_DOWN = 'the other machines: Redis does not answer';

/** Does in this directory what was asked for at another machine. */
export interface TaskExecutor {
  /** Undefined: not now; it is tried again. */
  execute(callSid: string, task: CallTask): Promise<TaskResult | undefined>;
}

/** What became of a task at the other machines. */
export interface Distribution {
  /** Names of machines that have done it. */
  readonly done: readonly string[];
  /** What is not done, as words that name the machine. */
  readonly left: readonly string[];
}

export interface DirectoryTasksOptions {
  readonly tasks: RedisTasks;
  readonly own: CallDirectory;
  readonly open: OpenTasks;
  readonly peers: TaskPeers;
  readonly outage: RedisOutage;
  readonly clock: Clock;
  readonly log: Log;
}

/** The machines that are alive. */
export interface TaskPeers {
  /** Undefined: it is not alive. */
  peer(machine: string): object | undefined;
  /** Tasks were placed or done: they are to look at once. */
  tellTasks(): void;
}

/**
 * Erasures and holds for the directories of all machines. A task is on the disk of the machine that was asked until every directory has
 * confirmed it, and in Redis until its directory has done it: a machine that is away finds it when it is back.
 */
export class DirectoryTasks {
  /** Resolves when this directory has done what was asked for while no machine used it. */
  readonly settled: Promise<void>;
  readonly #options: DirectoryTasksOptions;
  readonly #isSettled: () => void;
  /** Calls with a request that has not been answered. */
  readonly #distributing = new Set<string>();
  readonly #others: OtherDirectories;
  #executor: TaskExecutor | undefined;
  #run: Promise<void> | undefined;
  #isDueAgain = false;
  #lookedAtMs = -Infinity;
  #isUpToDate = false;

  constructor(options: DirectoryTasksOptions) {
    this.#options = options;
    this.#others = new OtherDirectories(options.tasks, options.own);
    let isSettled = (): void => undefined;
    this.settled = new Promise((resolve) => (isSettled = resolve));
    this.#isSettled = isSettled;
  }

  /** Whether `settled` has resolved. */
  get isSettled(): boolean {
    return this.#isUpToDate;
  }

  /** Does what waits for this directory, and from now on what is asked for. Never rejects: what fails is tried again. */
  async begin(executor: TaskExecutor): Promise<void> {
    this.#executor = executor;
    await this.look();
  }

  /** This machine ends. */
  end(): void {
    this.#executor = undefined;
  }

  /** Call it with each beat. */
  tick(): void {
    if (this.#options.clock.now() - this.#lookedAtMs >= LOOK_EVERY_MS) void this.look();
  }

  /** Another machine has placed a task, or some time has passed. */
  look(): Promise<void> {
    if (!this.#executor) return Promise.resolve();
    this.#isDueAgain = this.#run !== undefined;
    this.#run ??= this.#look(this.#executor).finally(() => {
      this.#run = undefined;
      if (this.#isDueAgain) void this.look();
    });
    return this.#run;
  }

  /** Records a task before anything is done. Rejects if that is not possible. */
  async prepare(callSid: string, task: CallTask): Promise<void> {
    this.#distributing.add(callSid);
    await this.#options.open.write({ callSid, task });
  }

  /** The task that was prepared is not to be done. */
  async cancel(callSid: string, kind: CallTask['kind']): Promise<void> {
    this.#distributing.delete(callSid);
    await this.#options.open.remove(callSid, kind);
  }

  /** Gives the prepared task to all other directories, and waits for the machines that are alive. */
  async distribute(callSid: string, kind: CallTask['kind']): Promise<Distribution> {
    const { open, outage, clock } = this.#options;
    const prepared = open.read(callSid, kind);
    if (!prepared) return { done: [], left: [] };
    try {
      const { number, directories } = await this.#place(prepared);
      outage.worked();
      const task = { callSid, number, task: prepared.task };
      const untilMs = clock.now() + CONFIRMED_WITHIN_MS;
      for (;;) {
        const { left, isWaitedFor, outcome } = await this.#progress(task, directories);
        if (!isWaitedFor || clock.now() > untilMs) {
          await this.#keep({ ...task, waiting: left });
          return outcome;
        }
        await clock.sleep(CONFIRMED_POLL_MS);
      }
    } catch (error) {
      outage.failed(error);
      return { done: [], left: [REDIS_DOWN] };
    } finally {
      this.#distributing.delete(callSid);
    }
  }

  async #look(executor: TaskExecutor): Promise<void> {
    const { tasks, own, outage, clock } = this.#options;
    this.#lookedAtMs = clock.now();
    try {
      await tasks.register(own);
      for (const task of await tasks.waiting(own.id)) await this.#execute(task, executor);
      outage.worked();
      this.#isUpToDate = true;
      this.#isSettled();
      await this.#others.read();
      const open = this.#options.open.all();
      const forgotten = open.length > 0 ? await tasks.forgotten() : new Set<string>();
      for (const task of open) await this.#resume(withoutForgotten(task, forgotten), executor);
    } catch (error) {
      if (!this.#executor) return;
      outage.failed(error);
      // The next beat tries again.
      this.#lookedAtMs = -Infinity;
    }
  }

  async #execute(task: NumberedTask, executor: TaskExecutor): Promise<void> {
    const { tasks, own, peers, log } = this.#options;
    const { callSid } = task;
    const { kind } = task.task;
    let result: TaskResult | undefined;
    try {
      result = await executor.execute(callSid, task.task);
    } catch (error) {
      log.error({ callSid, kind, err: error }, 'a request of another machine failed here; will retry');
    }
    if (result === undefined) return;
    await tasks.complete(own.id, task, result);
    peers.tellTasks();
    log.info({ callSid, kind, result }, 'a request that another machine got was carried out here');
  }

  /** Goes on with a task that was asked for here. */
  async #resume(found: OpenTask, executor: TaskExecutor): Promise<void> {
    const { open, tasks, peers } = this.#options;
    const { callSid } = found;
    if (this.#distributing.has(callSid)) return;
    if (found.number === undefined) {
      // This machine may have ended between the request and its own part of it. A hold that waits is not overtaken.
      if (found.task.kind === 'erase' && open.read(callSid, 'hold')) return open.remove(callSid, 'erase');
      if ((await executor.execute(callSid, found.task)) === undefined) return;
      await this.#place(found);
      return;
    }
    const task = { callSid, number: found.number, task: found.task };
    const { left } = await this.#progress(task, found.waiting ?? []);
    await this.#keep({ ...task, waiting: left });
    const lost = await Promise.all(
      left.map(async ({ id }) => ((await tasks.stateOf(id, task)) === 'absent' ? [id] : [])),
    );
    if (lost.flat().length === 0) return;
    await tasks.place(task, lost.flat());
    peers.tellTasks();
  }

  async #place(prepared: OpenTask): Promise<{ number: string; directories: readonly CallDirectory[] }> {
    const { tasks, peers } = this.#options;
    const directories = await this.#others.read();
    const ids = directories.map(({ id }) => id);
    const number = await tasks.place(prepared, ids);
    peers.tellTasks();
    await this.#keep({
      ...prepared,
      number,
      waiting: directories.map(({ id, name }) => ({ id, name })),
    });
    return { number, directories };
  }

  /** What the directories have done of a task. */
  async #progress(
    task: NumberedTask,
    directories: readonly (Pick<CallDirectory, 'id' | 'name'> & { machine?: string })[],
  ) {
    const { tasks, peers } = this.#options;
    const done: string[] = [];
    const words: string[] = [];
    const left: Pick<CallDirectory, 'id' | 'name'>[] = [];
    let isWaitedFor = false;
    for (const { id, name, machine } of directories) {
      const state = await tasks.stateOf(id, task);
      if (state === 'waiting' || state === 'absent') {
        const isAlive = machine !== undefined && peers.peer(machine) !== undefined;
        if (isAlive && state === 'waiting') isWaitedFor = true;
        left.push({ id, name });
        words.push(`machine ${name}: ${isAlive ? 'it has not finished' : 'it does not answer'}`);
        continue;
      }
      if (state === 'done' || state === 'superseded') done.push(name);
      else words.push(`machine ${name}: ${state === 'held' ? 'the call is on hold there' : 'a part of it'}`);
    }
    return { left, isWaitedFor, outcome: { done, left: words } };
  }

  async #keep(task: OpenTask): Promise<void> {
    const { open } = this.#options;
    if (task.waiting?.length === 0) await open.remove(task.callSid, task.task.kind);
    else await open.write(task);
  }
}
