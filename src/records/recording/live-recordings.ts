import { statfsSync } from 'node:fs';
import { createDirectory } from '../../storage/directories.ts';
import { DiskError } from '../../storage/failure-kind.ts';
import type { ReconstructedCall } from '../reconstructed-call.ts';
import { type LiveProgress, LiveRecording, type LiveRecordingSettings } from './live-recording.ts';
import type { RecordingFile } from './recording-writer.ts';
import type { JournalSource } from './settled-audio.ts';

/** Recordings are not begun or continued on a disk with less room: the journals of live calls come first. */
const RESERVE_BYTES = 256 * 1024 * 1024;

/** The recordings of live calls that one thread encodes, by the paths of their journals. */
export class LiveRecordings {
  readonly #recordings = new Map<string, LiveRecording>();
  readonly #open: (journal: string) => JournalSource;
  readonly #freeBytes: (directory: string) => number;

  constructor(open: (journal: string) => JournalSource, freeBytes = freeBytesOf) {
    this.#open = open;
    this.#freeBytes = freeBytes;
  }

  /** Encodes what has been settled. A failure removes the unfinished file, and is thrown. */
  async advance(journal: string, settings: LiveRecordingSettings): Promise<LiveProgress> {
    try {
      createDirectory(settings.temporary);
      if (this.#freeBytes(settings.temporary) < RESERVE_BYTES)
        throw new DiskError('the disk has too little room to encode a recording during the call');
      let recording = this.#recordings.get(journal);
      if (!recording) {
        recording = new LiveRecording(this.#open(journal), settings);
        this.#recordings.set(journal, recording);
      }
      const progress = await recording.advance();
      if (progress !== 'changed' && progress !== 'unrecorded') return progress;
      this.discard(journal);
      return progress === 'changed' ? 'behind' : progress;
    } catch (error) {
      this.discard(journal);
      throw error;
    }
  }

  /** The finished recording; undefined if there is none that continues to this call. */
  finish(journal: string, call: ReconstructedCall): RecordingFile | undefined {
    const recording = this.#recordings.get(journal);
    if (!recording) return undefined;
    let finished: RecordingFile | undefined;
    try {
      finished = recording.finish(call);
    } finally {
      if (finished) this.#recordings.delete(journal);
      else this.discard(journal);
    }
    return finished;
  }

  /** Removes the unfinished file of a call. */
  discard(journal: string): void {
    const recording = this.#recordings.get(journal);
    this.#recordings.delete(journal);
    recording?.abandon();
  }
}

function freeBytesOf(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}
