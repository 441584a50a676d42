import type { CallStorage } from '../app/storage/call-storage.ts';
import type { SharedCalls } from '../app/storage/shared-calls.ts';
import { CALL_SID } from '../events/call-sid.ts';
import { type BulkErasureReceipt, eraseByNumber, NotOneNumber } from '../retention/bulk-erasure.ts';
import type { CallEraser } from '../retention/call-eraser.ts';
import type { CallErasure } from '../retention/erasure-execution.ts';
import type { Settings } from '../settings/settings.ts';
import { isOwnDatabase } from './reindex.ts';
import { requireInstallation } from './check-directories.ts';
import { printError, printLine, ProgressLine } from './terminal/console.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { type MachineVisit, visitMachines } from './serve/visit-machines.ts';
import { withCallStorage } from './with-call-storage.ts';

const REFUSALS = {
  'no-such-call': 'no such call',
  held: 'it is on hold; release the hold first',
  live: 'it is still live; erase it after it has ended',
} as const;

/** Erases one call, or all calls from or to a number, and prints the receipt on stdout. */
export async function erase(what: string, settings: Settings): Promise<ExitCode> {
  requireInstallation(settings);
  const visit = await visitMachines(settings);
  const work = CALL_SID.test(what) ? eraseCall : eraseCallsOf;
  return work(what, settings, visit).finally(() => visit?.close());
}

/** Erases at all machines, or in this directory if its machine is alone. */
function eraserOf(
  storage: CallStorage,
  shared: SharedCalls | undefined,
): Pick<CallEraser, 'erase' | 'eraseSome'> {
  return shared?.changes?.eraserOf(storage) ?? storage.eraser;
}

async function eraseCall(
  callSid: string,
  settings: Settings,
  visit: MachineVisit | undefined,
): Promise<ExitCode> {
  const erasure = await withCallStorage(settings, ({ storage }) =>
    eraserOf(storage, visit?.shared).erase(callSid, 'asked'),
  );
  if (!('receipt' in erasure)) {
    printError(`${callSid}: ${REFUSALS[erasure.outcome]}`);
    return EXIT.failed;
  }
  printLine(JSON.stringify(erasure.receipt, null, 2));
  return codeOf(erasure);
}

async function eraseCallsOf(
  number: string,
  settings: Settings,
  visit: MachineVisit | undefined,
): Promise<ExitCode> {
  const progress = new ProgressLine('calls erased');
  const receipt = await withCallStorage(settings, ({ storage }) =>
    eraseByNumber({ ...storage.erasures!, eraser: eraserOf(storage, visit?.shared) }, number, (done, of) =>
      progress.show(done, of),
    ),
  )
    .catch(messageOf)
    .finally(() => progress.end());
  if (typeof receipt === 'string') {
    printError(receipt);
    return EXIT.failed;
  }
  const unasked = isOwnDatabase(settings) ? (visit?.others ?? []) : [];
  const isNothingKnown = receipt.calls.length + receipt.refused.length === 0;
  if (isNothingKnown) printError('no call from or to this number or address');
  else printLine(JSON.stringify(receipt, null, 2));
  if (unasked.length > 0)
    printError(
      `this machine does not know the calls of others, which have catalogues of their own without a common DATABASE_URL: erase the number there, too (${unasked.join(', ')})`,
    );
  if (isNothingKnown && unasked.length === 0) return EXIT.failed;
  return isWhole(receipt) && unasked.length === 0 ? EXIT.done : EXIT.inPart;
}

function messageOf(error: unknown): string {
  if (error instanceof NotOneNumber) return error.message;
  throw error;
}

function codeOf(erasure: CallErasure): ExitCode {
  if (erasure.outcome === 'erased') return EXIT.done;
  printError('a running server retries this automatically');
  return EXIT.inPart;
}

function isWhole({ calls, refused }: BulkErasureReceipt): boolean {
  return refused.length === 0 && calls.every(({ left }) => left === undefined);
}
