import { Worker } from 'node:worker_threads';
import type { CataloguedCall, CatalogueEntry, Hold, Note } from '../../records/call-entry.ts';
import { threadScript } from '../../storage/package-files.ts';
import type {
  CallFilter,
  Catalogue,
  LiveCallChanges,
  Page,
  PageRequest,
  SearchHit,
  SearchQuery,
} from '../catalogue.ts';
import type { MicrophoneEntry, MicrophoneRecording } from '../microphone-entry.ts';
import { BadQuery, CatalogueDown } from '../catalogue.ts';
import { NewerCatalogue } from '../newer-catalogue.ts';
import type { CatalogueAnswer, CatalogueRequest } from './catalogue-thread.ts';

/** The maximum number of requests that wait for the thread. */
const MOST_REQUESTS = 1_000;
/** Timeout of a request: after this time the disk is assumed to hang. */
const ANSWER_MS = 60_000;

interface PendingRequest {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** The SQLite catalogue in a worker thread: its work never blocks a live call. */
export class ThreadedCatalogue implements Catalogue {
  readonly #file: string;
  readonly #waiting = new Map<number, PendingRequest>();
  #worker: Worker | undefined;
  #lastId = 0;
  #closed = false;

  /** `file`: a path, or `:memory:`. */
  constructor(file: string) {
    this.#file = file;
  }

  open(): Promise<void> {
    return this.#ask('open') as Promise<void>;
  }

  putCall(call: Omit<CataloguedCall, 'notes' | 'hold'>): Promise<void> {
    return this.#ask('putCall', call) as Promise<void>;
  }

  putTurns(callSid: string, turns: CatalogueEntry['turns']): Promise<void> {
    return this.#ask('putTurns', callSid, turns) as Promise<void>;
  }

  putEntry(entry: CatalogueEntry): Promise<void> {
    return this.#ask('putEntry', entry) as Promise<void>;
  }

  putEntries(entries: readonly CatalogueEntry[]): Promise<void> {
    return this.#ask('putEntries', entries) as Promise<void>;
  }

  putLive(changes: readonly LiveCallChanges[]): Promise<void> {
    return this.#ask('putLive', changes) as Promise<void>;
  }

  get(callSid: string): Promise<CatalogueEntry | undefined> {
    return this.#ask('get', callSid) as Promise<CatalogueEntry | undefined>;
  }

  list(filter: CallFilter, page: PageRequest): Promise<Page<CataloguedCall>> {
    return this.#ask('list', filter, page) as Promise<Page<CataloguedCall>>;
  }

  search(query: SearchQuery, page: PageRequest): Promise<Page<SearchHit>> {
    return this.#ask('search', query, page) as Promise<Page<SearchHit>>;
  }

  putNotes(callSid: string, notes: readonly Note[]): Promise<boolean> {
    return this.#ask('putNotes', callSid, notes) as Promise<boolean>;
  }

  putHold(callSid: string, hold: Hold | undefined): Promise<boolean> {
    return this.#ask('putHold', callSid, hold) as Promise<boolean>;
  }

  remove(callSid: string): Promise<boolean> {
    return this.#ask('remove', callSid) as Promise<boolean>;
  }

  scrub(): Promise<boolean> {
    return this.#ask('scrub') as Promise<boolean>;
  }

  putMicrophone(entry: MicrophoneEntry): Promise<void> {
    return this.#ask('putMicrophone', entry) as Promise<void>;
  }

  getMicrophone(name: string): Promise<MicrophoneEntry | undefined> {
    return this.#ask('getMicrophone', name) as Promise<MicrophoneEntry | undefined>;
  }

  listMicrophone(page: PageRequest): Promise<Page<MicrophoneRecording>> {
    return this.#ask('listMicrophone', page) as Promise<Page<MicrophoneRecording>>;
  }

  removeMicrophone(name: string): Promise<boolean> {
    return this.#ask('removeMicrophone', name) as Promise<boolean>;
  }

  /** Pending requests are still answered. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (this.#closed) return;
    const last = worker && this.#ask('close');
    this.#closed = true;
    await last;
    await worker?.terminate();
  }

  #ask(method: keyof Catalogue, ...given: readonly unknown[]): Promise<unknown> {
    if (this.#closed) return Promise.reject(new CatalogueDown('The catalogue is closed.'));
    if (this.#waiting.size >= MOST_REQUESTS)
      return Promise.reject(
        new CatalogueDown(`The catalogue has ${MOST_REQUESTS} pending requests and accepts no more.`),
      );
    const worker = (this.#worker ??= this.#started());
    const request: CatalogueRequest = { id: ++this.#lastId, method, given };
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#failAll(`${method} timed out after ${ANSWER_MS / 1_000} s`);
        void worker.terminate();
      }, ANSWER_MS);
      this.#waiting.set(request.id, { resolve, reject, timer });
      // A pending request keeps the process alive; the idle thread does not.
      worker.ref();
      worker.postMessage(request);
    });
  }

  #started(): Worker {
    const worker = new Worker(threadScript('catalogue-thread'), {
      workerData: { catalogueFile: this.#file },
      execArgv: [],
    });
    worker.on('message', (answer: CatalogueAnswer) => this.#answered(answer));
    worker.on('error', (error) => this.#lost(worker, error.message));
    worker.on('exit', () => this.#lost(worker, 'its thread ended'));
    return worker;
  }

  #answered(answer: CatalogueAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#worker?.unref();
    if ('error' in answer) waiting.reject(errorOf(answer.error));
    else waiting.resolve(answer.value);
  }

  /** The next request starts a new thread. */
  #lost(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#failAll(reason);
  }

  #failAll(reason: string): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject, timer } of all) {
      clearTimeout(timer);
      reject(new CatalogueDown(`The catalogue does not answer: ${reason}`));
    }
  }
}

function errorOf({ name, message }: { readonly name: string; readonly message: string }): Error {
  const kind = [CatalogueDown, BadQuery, NewerCatalogue].find((each) => each.name === name) ?? Error;
  return new kind(message);
}
