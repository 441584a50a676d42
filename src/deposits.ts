import type { Log } from './log.ts';
import type { DepositFolders } from './recording/deposit.ts';
import { Depositor } from './recording/depositor.ts';
import type { FileStore } from './recording/file-store.ts';

/** A depositor that says in the log what it has done and what it will try again. */
export function makeDepositor(
  store: FileStore,
  folders: DepositFolders,
  parts: { readonly log: Log; readonly now: () => number },
): Depositor {
  return new Depositor({
    store,
    folders,
    now: parts.now,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    told: (news) => {
      const { callSid } = news;
      if (news.kind === 'stored') {
        parts.log.info({ callSid, tookMs: Math.round(news.tookMs) }, 'the store has a call');
        return;
      }
      const { error, retryMs } = news;
      parts.log.warn(
        { callSid, retryMs: Math.round(retryMs), err: error },
        'the store did not take a call yet',
      );
    },
  });
}

/** What earlier processes left: calls that are not in the store, and uploads that nobody goes on with. */
export async function takeUnstored(store: FileStore, depositor: Depositor, log: Log): Promise<void> {
  try {
    await depositor.depositLeft();
    await store.tidy();
  } catch (error) {
    log.warn({ err: error }, 'what was left for the store could not be looked through');
  }
}
