import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { requiredProgram } from '../../scripts/tier-tools.ts';
import { comesTrue } from './comes-true.ts';
import { unusedPort } from './unused-port.ts';

/** A real Redis server of a test's own. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** For what a test asks or changes itself. */
  readonly client: Redis;
  start(): Promise<void>;
  /** SIGKILL. Nothing of its data remains. */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT: it takes connections and does not answer. */
  pause(): void;
  goOn(): void;
  end(): Promise<void>;
}

/** Starts a Redis server without persistence on a free port. `parameters`: further ones of `redis-server`. */
export async function startedRedis(...parameters: readonly string[]): Promise<RedisServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'offhook-redis-'));
  const port = await unusedPort();
  let child: ChildProcess | undefined;
  const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => 50 });
  client.on('error', () => undefined);
  const start = async (): Promise<void> => {
    const own = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--save',
      '',
      '--appendonly',
      'no',
    ];
    child = spawn(requiredProgram('redis-server'), [...own, ...parameters], { stdio: 'ignore' });
    if (client.status === 'wait') await client.connect().catch(() => undefined);
    await comesTrue('Redis answers', () =>
      client.ping().then(
        (answer) => answer === 'PONG',
        () => false,
      ),
    );
  };
  const kill = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, 'exit');
    running.kill('SIGKILL');
    await gone;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    client,
    start,
    kill,
    pause: () => void child?.kill('SIGSTOP'),
    goOn: () => void child?.kill('SIGCONT'),
    end: async () => {
      client.disconnect();
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
