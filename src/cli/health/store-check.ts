import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openConfiguredStore } from '../../app/open-configured-store.ts';
import type { ObjectStore } from '../../object-store/object-store.ts';
import { PART_BYTES } from '../../object-store/s3/file-digests.ts';
import type { Settings } from '../../settings/settings.ts';
import { DurableFile } from '../../storage/durable-file.ts';
import { errorText } from '../../storage/file-system-errors.ts';
import type { Finding } from './finding.ts';
import { via } from './via.ts';

const SMALL = Buffer.from('offhook doctor');
const SMALL_WITHIN_MS = 10_000;
/** 8 MiB there and back at 2.5 megabits per second. */
const LARGE_WITHIN_MS = 60_000;

/** Stores a small file and one in two parts, as of a recording of ten minutes, reads them back and removes them. */
export async function checkStore(settings: Settings): Promise<Finding[]> {
  const store = await openConfiguredStore(settings);
  const what = 'object store';
  if (!store)
    return [
      { what, verdict: 'not checked', found: 'RECORDINGS_STORE is not set; files stay in the directory' },
    ];
  const address = `${store.url}${via(settings.store?.proxy)}`;
  try {
    await storeProbe(store, [SMALL], SMALL_WITHIN_MS);
    const reason = await storeProbe(
      store,
      [Buffer.alloc(PART_BYTES, 'offhook'), SMALL],
      LARGE_WITHIN_MS,
    ).then(() => undefined, errorText);
    const todo = 'recordings above 8 MiB stay in the directory until the store takes multipart uploads';
    if (reason !== undefined)
      return [{ what, verdict: 'fail', found: `${address} refuses files in parts: ${reason}`, todo }];
    const { missing } = store;
    const lacks =
      missing.length === 0
        ? ''
        : `; it has no ${missing.join(', no ')}: each copy is verified by reading it back`;
    const found = `${address} stores, returns and deletes a file, also one in two parts${lacks}`;
    return [{ what, verdict: 'ok', found }];
  } finally {
    store.close();
  }
}

async function storeProbe(store: ObjectStore, blocks: readonly Buffer[], withinMs: number): Promise<void> {
  const place = mkdtempSync(path.join(tmpdir(), 'offhook-doctor-'));
  const probe = new DurableFile(path.join(place, `doctor-${randomUUID()}`), place);
  for (const block of blocks) probe.append(block);
  const file = probe.commit();
  const url = `${store.url}/${path.basename(file.path)}`;
  try {
    await store.put(url, file, 'text/plain', AbortSignal.timeout(withinMs));
    await store.remove(url);
  } catch (error) {
    await store.remove(url).catch(() => undefined);
    throw error;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
