import type { Log } from '../../log.ts';
import type { ObjectStore } from '../../object-store/object-store.ts';
import type { UploadFailure, UploadObserver, UploadSuccess } from '../../object-store/upload-queue.ts';
import type { SharedCalls } from './shared-calls.ts';
import type { Outages } from '../outages.ts';

/** Logs the results of uploads, and keeps whether the last one failed. */
export class UploadLog implements UploadObserver {
  readonly #log: Log;
  readonly #store: Pick<ObjectStore, 'missing'>;
  readonly #outages: Outages;
  readonly #shared: SharedCalls | undefined;
  #known = 0;

  constructor(log: Log, store: Pick<ObjectStore, 'missing'>, outages: Outages, shared?: SharedCalls) {
    this.#shared = shared;
    this.#log = log;
    this.#store = store;
    this.#outages = outages;
  }

  uploaded({ callSid, tookMs }: UploadSuccess): void {
    const { missing } = this.#store;
    this.#outages.succeeded('uploads');
    if (missing.length > this.#known)
      this.#log.warn({ missing }, 'object store lacks checksums; copies are verified by reading them back');
    this.#known = missing.length;
    this.#log.info({ callSid, tookMs: Math.round(tookMs) }, 'call uploaded');
    this.#shared?.isComplete(callSid);
  }

  failed({ callSid, retryMs, error }: UploadFailure): void {
    this.#outages.failed('uploads', error);
    this.#log.warn({ callSid, retryMs: Math.round(retryMs), err: error }, 'call upload failed; will retry');
  }
}
