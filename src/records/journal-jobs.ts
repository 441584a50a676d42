import { decodeMulaw, encodeMulaw } from '../audio/mulaw.ts';
import { SAMPLES_PER_MS, TELEPHONE_HZ } from '../audio/telephone.ts';
import { writeWav } from '../audio/wav/wav.ts';
import type { Utterance } from '../call/ports.ts';
import type { CallEvent } from '../events/call-events.ts';
import { layOutAudio } from './recording/audio-timeline.ts';
import { reconstructCall } from './reconstruct-call.ts';
import type { ReconstructedCall } from './reconstructed-call.ts';
import type { RecordingFile } from './recording/recording-writer.ts';
import { type CallFiles, type CallFileSettings, type RunLocked, writeCallFiles } from './write-call-files.ts';

/** Audio after an utterance's last voiced frame that belongs to the utterance. */
const TAIL_MS = 200;

/** Slow work on journals, done outside the thread of the live calls. Rejects if the disk refuses. */
export interface JournalWorker {
  /** The call that a journal holds; undefined if it holds none. */
  read(journal: string): Promise<ReconstructedCall | undefined>;
  /** The audio of a turn; undefined if it was not recorded. `call`: the call as `read` returned it. */
  utterance(journal: string, call: ReconstructedCall, turn: number): Promise<Utterance | undefined>;
  /** `call`: the call of all events in the journal, if it is known. */
  write(journal: string, settings: CallFileSettings, call?: ReconstructedCall): Promise<CallFiles>;
}

/** Does the work in this thread, on journals that `open` opens: for the worker threads, replays and tests. */
export class JournalJobs implements JournalWorker {
  readonly #open: (journal: string) => Iterable<CallEvent>;
  readonly #runLocked: RunLocked | undefined;

  /** `runLocked`: needed if other processes change the files of finished calls. */
  constructor(open: (journal: string) => Iterable<CallEvent>, runLocked?: RunLocked) {
    this.#open = open;
    this.#runLocked = runLocked;
  }

  read(journal: string): Promise<ReconstructedCall | undefined> {
    return Promise.resolve(reconstructCall(this.#open(journal)));
  }

  utterance(journal: string, call: ReconstructedCall, turn: number): Promise<Utterance | undefined> {
    const wanted = call.turns.find((one) => one.turn === turn);
    if (!call.recorded || !wanted) return Promise.resolve(undefined);
    const from = Math.max(0, Math.round((wanted.startMs - call.preRollMs) * SAMPLES_PER_MS));
    const to = Math.round((wanted.endMs + TAIL_MS) * SAMPLES_PER_MS);
    const pcm = new Int16Array(Math.max(0, to - from));
    let at = 0;
    for (const block of layOutAudio(call, this.#open(journal))) {
      const side = wanted.operator ? block.assistant : block.caller;
      const start = Math.max(from, at);
      const end = Math.min(to, at + side.length);
      if (end > start) pcm.set(side.subarray(start - at, end - at), start - from);
      at += side.length;
      if (at >= to) break;
    }
    // Through μ-law once, as during a live call: the transcriber gets the same bytes.
    const wav = writeWav(decodeMulaw(encodeMulaw(pcm)), TELEPHONE_HZ, 1);
    return Promise.resolve({ wav, durationMs: pcm.length / SAMPLES_PER_MS });
  }

  /** `recording`: of the call, if it has been written already. */
  write(
    journal: string,
    settings: CallFileSettings,
    call?: ReconstructedCall,
    recording?: RecordingFile,
  ): Promise<CallFiles> {
    const options = { runLocked: this.#runLocked, call, recording };
    return writeCallFiles(() => this.#open(journal), settings, options);
  }
}
