import { Session } from 'node:inspector/promises';
import type { Profiler } from 'node:inspector';

/** Samples of one thread. */
export interface ThreadProfile {
  /** The script of the thread. */
  readonly thread: string;
  readonly profile: Profiler.Profile;
}

const SAMPLED_EVERY_US = 500;

interface WorkerReply {
  readonly id?: number;
  readonly result?: { readonly profile?: Profiler.Profile };
}

/** CPU profiles of the main thread and of all worker threads of this process. */
export class ThreadProfiler {
  readonly #session = new Session();
  readonly #workers = new Map<string, string>();
  readonly #waiting = new Map<string, (reply: WorkerReply) => void>();
  #ids = 0;

  async begin(): Promise<void> {
    const session = this.#session;
    session.connect();
    session.on('NodeWorker.attachedToWorker', ({ params }) => {
      this.#workers.set(params.sessionId, params.workerInfo.url);
    });
    session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
      const reply = JSON.parse(params.message) as WorkerReply;
      const place = `${params.sessionId} ${reply.id}`;
      this.#waiting.get(place)?.(reply);
      this.#waiting.delete(place);
    });
    await session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLED_EVERY_US });
    for (const worker of this.#workers.keys()) {
      await this.#ask(worker, 'Profiler.enable');
      await this.#ask(worker, 'Profiler.setSamplingInterval', { interval: SAMPLED_EVERY_US });
      await this.#ask(worker, 'Profiler.start');
    }
    await session.post('Profiler.start');
  }

  async end(): Promise<ThreadProfile[]> {
    const { profile } = await this.#session.post('Profiler.stop');
    const profiles = [{ thread: 'main', profile }];
    for (const [worker, thread] of this.#workers) {
      const { result } = await this.#ask(worker, 'Profiler.stop');
      if (result?.profile) profiles.push({ thread, profile: result.profile });
    }
    this.#session.disconnect();
    return profiles;
  }

  #ask(worker: string, method: string, params: object = {}): Promise<WorkerReply> {
    const id = (this.#ids += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(`${worker} ${id}`, resolve);
      const message = JSON.stringify({ id, method, params });
      this.#session.post('NodeWorker.sendMessageToWorker', { sessionId: worker, message }).catch(reject);
    });
  }
}
