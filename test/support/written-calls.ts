import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CallEvent } from '../../src/events/call-events.ts';
import { type CallFileSettings, writeCallFiles } from '../../src/records/write-call-files.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { TOLD_AT_MS, usualCall } from '../records/told-call.ts';

export interface WrittenCall {
  readonly callSid: string;
  readonly from?: string;
  readonly to?: string;
  readonly startedAtMs?: number;
}

/** The events of the usual call under another name, between other numbers, at another time. */
export function eventsOf({ callSid, from, to, startedAtMs = TOLD_AT_MS }: WrittenCall): CallEvent[] {
  return usualCall().events.map((event) => ({
    ...event,
    ...(event.kind === 'ringing' && { callSid, ...(from && { from }), ...(to && { to }) }),
    atMs: event.atMs - TOLD_AT_MS + startedAtMs,
  }));
}

/** The files of finished calls in a folder, as an earlier process left them that had not entered them. */
export async function leaveCalls(
  directory: string,
  calls: readonly WrittenCall[],
  more: Partial<CallFileSettings> = {},
): Promise<void> {
  const directories = new DataDirectory(directory);
  for (const call of calls) {
    await writeCallFiles(() => eventsOf(call), {
      ...{
        directory,
        temporary: directories.temporary,
        receipts: directories.receipts,
        lock: directories.lock,
      },
      ...{ channels: 'mono', sampleRateHz: 'auto', mp3Bitrate: 128, mp3Engine: 'wasm' },
      ...more,
    });
    mkdirSync(directories.pendingIndex, { recursive: true });
    writeFileSync(path.join(directories.pendingIndex, call.callSid), '');
  }
}
