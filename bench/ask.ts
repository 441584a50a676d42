import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface ChildOptions {
  /** The CPU to which the process is pinned; absent: any. */
  readonly cpu?: number;
  /** As for nice(1): negative values need root. */
  readonly priority?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArguments?: readonly string[];
}

/** A child process of the benchmark that answers requests. */
export interface Asked {
  readonly pid: number;
  ask<Answer>(question: string, content?: object): Promise<Answer>;
  readonly ended: Promise<void>;
  kill(): Promise<void>;
}

interface Reply {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
}

/** Starts a script of this folder; resolves when it is ready for requests. */
export async function startAsked(script: string, options: ChildOptions = {}): Promise<Asked> {
  const { cpu, priority, env, nodeArguments = [] } = options;
  const file = fileURLToPath(new URL(script, import.meta.url));
  const around = [
    ...(cpu === undefined ? [] : ['taskset', '-c', String(cpu)]),
    ...(priority === undefined ? [] : ['nice', '-n', String(priority)]),
  ];
  const [execPath, ...before] = [...around, process.execPath, ...nodeArguments];
  const child = fork(file, [], {
    execPath: execPath!,
    execArgv: [...before, '--import', import.meta.resolve('tsx')],
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'json',
  });
  const waiting = new Map<number, (reply: Reply) => void>();
  child.on('message', (reply: Reply) => {
    waiting.get(reply.id)?.(reply);
    waiting.delete(reply.id);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let ids = 0;
  const ask = <Answer>(question: string, content: object = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const id = (ids += 1);
      waiting.set(id, ({ answer, error }) =>
        error === undefined ? resolve(answer as Answer) : reject(new Error(error)),
      );
      void ended.then(() => reject(new Error(`${script} ended while it was asked ${question}`)));
      child.send({ id, question, content });
    });
  await ask('ready');
  const kill = (): Promise<void> => {
    child.kill('SIGKILL');
    return ended;
  };
  return { pid: child.pid!, ask, ended, kill };
}

type Handler = (content: never) => unknown;

/** In the child: answers requests by name until the parent exits. */
export function answerQuestions(handlers: Readonly<Record<string, Handler>>): void {
  process.on('disconnect', () => process.exit(0));
  process.on('message', (asked: { id: number; question: string; content: never }) => {
    const handler = asked.question === 'ready' ? () => true : handlers[asked.question];
    void Promise.resolve()
      .then(() => (handler ? handler(asked.content) : Promise.reject(new Error('no such question'))))
      .then(
        (answer) => process.send?.({ id: asked.id, answer }),
        (error: unknown) => process.send?.({ id: asked.id, error: String(error) }),
      );
  });
}
