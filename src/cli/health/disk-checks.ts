import { randomUUID } from 'node:crypto';
import { accessSync, constants, existsSync, mkdtempSync, rmdirSync, rmSync, statfsSync } from 'node:fs';
import path from 'node:path';
import type { Settings } from '../../settings/settings.ts';
import { isDirectory } from '../../storage/directories.ts';
import { DurableFile } from '../../storage/durable-file.ts';
import type { Finding } from './finding.ts';

const MIN_FREE_BYTES = 200 * 1024 * 1024;
const LOW_FREE_BYTES = 2 * 1024 * 1024 * 1024;
/** A hundred calls at once write 1.7 MB/s. */
const PROBE_BYTES = 8 * 1024 * 1024;
const SLOW_BYTES_PER_SECOND = 5 * 1024 * 1024;

/** Checks the free space and the speed of the recordings' disk. Throws if it is not writable. */
export function checkDisk({ recording: { directory } }: Settings): Finding[] {
  const place = nearestTo(directory);
  if (!isDirectory(place)) throw new Error(`${place} is not a directory`);
  accessSync(place, constants.W_OK);
  const { bavail, bsize, blocks } = statfsSync(place);
  if (blocks === 0) throw new Error(`${place} cannot store files`);
  const space = spaceFinding(bavail * bsize);
  return place === directory ? [space, speedFinding(writtenPerSecond(directory))] : [space];
}

/** Checks whether recordings of the microphone can be saved. Throws if not. */
export function checkMicrophoneDirectory({
  recording: { microphoneDirectory: directory },
}: Settings): Finding {
  const what = 'microphone recordings';
  const place = nearestTo(directory);
  if (!isDirectory(place)) throw new Error(`${place} is not a directory`);
  if (place !== directory) {
    accessSync(place, constants.W_OK);
    return { what, verdict: 'ok', found: `${directory} is created at the first start` };
  }
  // Tried, because the mode bits are not sufficient: some file systems are read-only.
  rmdirSync(mkdtempSync(path.join(directory, '.offhook-')));
  return { what, verdict: 'ok', found: `can be saved in ${directory}` };
}

/** The directory, or its nearest ancestor that exists. */
function nearestTo(place: string): string {
  return existsSync(place) ? place : nearestTo(path.dirname(place));
}

function writtenPerSecond(recordings: string): number {
  const aside = path.join(recordings, '.offhook', 'aside');
  const place = isDirectory(aside) ? aside : recordings;
  const startedAtMs = performance.now();
  const probe = new DurableFile(path.join(place, `doctor-${randomUUID()}`), place);
  const block = Buffer.alloc(PROBE_BYTES / 8, 'offhook');
  try {
    for (let part = 0; part < 8; part += 1) probe.append(block);
  } catch (error) {
    probe.abandon();
    throw error;
  }
  rmSync(probe.commit().path, { force: true });
  return (PROBE_BYTES * 1_000) / (performance.now() - startedAtMs);
}

function spaceFinding(freeBytes: number): Finding {
  const found = `${(freeBytes / 1024 ** 3).toFixed(1)} GiB free`;
  const todo =
    'free disk space: a minute of a call takes about 1 MB as MP3, and as much for its journal while it is live';
  const what = 'disk space';
  if (freeBytes < MIN_FREE_BYTES) return { what, verdict: 'fail', found, todo };
  return freeBytes < LOW_FREE_BYTES ? { what, verdict: 'warn', found, todo } : { what, verdict: 'ok', found };
}

function speedFinding(bytesPerSecond: number): Finding {
  const found = `writes and syncs ${(bytesPerSecond / 1024 ** 2).toFixed(0)} MiB/s`;
  const what = 'disk speed';
  if (bytesPerSecond >= SLOW_BYTES_PER_SECOND) return { what, verdict: 'ok', found };
  return { what, verdict: 'warn', found, todo: 'put RECORDINGS_DIRECTORY on a faster disk for many calls' };
}
