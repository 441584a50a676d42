import { readCallRecord } from '../../records/call-record.ts';
import { readReceipt } from '../../records/upload-receipt.ts';
import type { DataDirectory } from '../../storage/data-directory.ts';

/** Calls whose files this directory's machine has completed. */
export class CompletedCalls {
  readonly #directories: Pick<DataDirectory, 'recordings' | 'receipts'>;

  constructor(directories: Pick<DataDirectory, 'recordings' | 'receipts'>) {
    this.#directories = directories;
  }

  /** Files that are to be in an object store and have no receipt may be those of a machine that was killed before another one went on with the call. */
  async isFinished(callSid: string): Promise<boolean> {
    const { recordings, receipts } = this.#directories;
    const record = readCallRecord(recordings, callSid);
    if (record?.store === undefined) return record !== undefined;
    return (await readReceipt(receipts, callSid)) !== undefined;
  }
}
