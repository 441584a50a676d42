import { once } from 'node:events';
import { createWriteStream, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { openConfiguredStore } from '../app/open-configured-store.ts';
import { readCallRecord } from '../records/call-record.ts';
import type { Settings } from '../settings/settings.ts';
import { DataDirectory } from '../storage/data-directory.ts';
import { requireInstallation } from './check-directories.ts';
import { printError, ProgressLine } from './terminal/console.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { ExportOptions } from './export-kinds.ts';
import { callsBetween, type ExportedFile, filesOf, type PeriodExportOptions } from './period-export.ts';

type Progress = (done: number) => void;

/** Writes all finished calls of a period to one file; memory use does not depend on their number. */
export async function exportCalls(options: ExportOptions, settings: Settings): Promise<ExitCode> {
  requireInstallation(settings);
  const directories = new DataDirectory(settings.recording.directory);
  const store = await openConfiguredStore(settings);
  const { from: fromMs, before: beforeMs, as } = options;
  const { calls, unreadable } = await callsBetween(directories, { fromMs, beforeMs });
  const target = options.out ?? usualTarget(as);
  // The target file appears only when it is complete.
  const unfinished = `${target}.part`;
  const out = target === '-' ? process.stdout : createWriteStream(unfinished);
  const progress = new ProgressLine('calls exported');
  const show = (done: number): void => progress.show(done, calls.length);
  const parts = { directories, store };
  try {
    const missing = await (as === 'zip' ? writeZip : writeLines)(calls, parts, out, show);
    if (target !== '-') renameSync(unfinished, target);
    progress.end();
    for (const callSid of unreadable) printError(`${callSid}: its .json could not be read`);
    for (const name of missing) printError(`${name} is neither in the directory nor in the object store`);
    printError(`${calls.length} calls in ${target === '-' ? 'stdout' : path.resolve(target)}`);
    return missing.length + unreadable.length === 0 ? EXIT.done : EXIT.inPart;
  } finally {
    progress.end();
    rmSync(unfinished, { force: true });
    store?.close();
  }
}

/** The default target of an export; ignored by git. */
export function usualTarget(as: ExportOptions['as']): string {
  return `calls.${as}`;
}

/** Writes one call at a time: nothing is buffered in memory. */
async function writeZip(
  calls: readonly string[],
  parts: PeriodExportOptions,
  out: Writable,
  show: Progress,
): Promise<string[]> {
  const zip = new ZipFile();
  const missing: string[] = [];
  // Read errors are handled at the end of the stream.
  zip.on('error', () => undefined);
  const written = pipeline(zip.outputStream as Readable, out, { end: out !== process.stdout });
  // Its rejection is also handled where the write is awaited.
  written.catch(() => undefined);
  for (const [index, callSid] of calls.entries()) {
    show(index);
    const found = filesOf(callSid, parts);
    missing.push(...found.missing);
    for (const file of found.files) await Promise.race([added(zip, file), written.then(never)]);
  }
  zip.end();
  await written;
  show(calls.length);
  return missing;
}

async function added(zip: ZipFile, file: ExportedFile): Promise<void> {
  const stream = file.open();
  zip.addReadStream(stream, file.name, { mtime: new Date(file.atMs), compress: !file.isAudio });
  await finished(stream);
}

function never(): never {
  throw new Error('the export ended before it was complete');
}

async function writeLines(
  calls: readonly string[],
  { directories }: PeriodExportOptions,
  out: Writable,
  show: Progress,
): Promise<string[]> {
  let failure: Error | undefined;
  out.once('error', (error) => (failure = error));
  for (const [index, callSid] of calls.entries()) {
    show(index);
    const json = readCallRecord(directories.recordings, callSid);
    if (json && !out.write(`${JSON.stringify(json)}\n`)) await once(out, 'drain');
    if (failure) throw failure;
  }
  if (out !== process.stdout) {
    out.end();
    await finished(out);
  }
  show(calls.length);
  return [];
}
