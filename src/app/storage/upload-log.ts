import type { Log } from '../../log.ts';
import type { UploadFailure, UploadObserver, UploadSuccess } from '../../object-store/upload-queue.ts';

/** Logs the results of uploads. */
export class UploadLog implements UploadObserver {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  uploaded({ callSid, tookMs }: UploadSuccess): void {
    this.#log.info({ callSid, tookMs: Math.round(tookMs) }, 'call uploaded');
  }

  failed({ callSid, retryMs, error }: UploadFailure): void {
    this.#log.warn({ callSid, retryMs: Math.round(retryMs), err: error }, 'call upload failed; will retry');
  }
}
