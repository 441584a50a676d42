import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Services, Summarizer, Transcriber, Utterance } from '../../../src/call/ports.ts';
import type { CallEvent } from '../../../src/events/call-events.ts';
import { type OpenJournal } from '../../../src/events/open-journal.ts';
import { CallFinalizer } from '../../../src/records/finalization/call-finalizer.ts';
import type { FinalizerNews } from '../../../src/records/finalization/finalizer-options.ts';
import { JournalJobs } from '../../../src/records/journal-jobs.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { TOLD_AT_MS, TOLD_SID, type ToldCall, usualCall } from '../told-call.ts';

/** A journal in memory on a disk that can be full. */
class ToldJournal implements OpenJournal {
  readonly path = 'told';
  readonly closed: string[] = [];
  diskFull = false;
  closeFails: Error | undefined;
  rests = 0;
  readonly #events: CallEvent[];

  constructor(events: CallEvent[]) {
    this.#events = events;
  }

  append(event: CallEvent): void {
    this.#events.push(event);
  }

  written(): Promise<void> {
    return this.diskFull ? Promise.reject(fullDisk()) : Promise.resolve();
  }

  closeFileWhenWritten(): void {
    this.rests += 1;
  }

  close(end: Parameters<OpenJournal['close']>[0]): Promise<void> {
    if (this.closeFails) return Promise.reject(this.closeFails);
    this.closed.push(end);
    return Promise.resolve();
  }
}

export const fullDisk = (): Error => Object.assign(new Error('no space left'), { code: 'ENOSPC' });

interface Scene {
  readonly call?: ToldCall;
  readonly services?: Services;
  readonly finishWaitMs?: number;
  readonly keepJournals?: boolean;
  readonly pendingDays?: number;
  /** Texts that were requested during the call. */
  readonly settled?: Promise<void>;
  readonly untranscribed?: Utterance;
}

/** A call that is being finished in virtual time; its files are real ones, in `folder`. */
export function finishing(folder: string, scene: Scene) {
  const clock = new VirtualClock(TOLD_AT_MS + 20_000);
  const call = scene.call ?? usualCall();
  const journal = new ToldJournal(call.events);
  const news: FinalizerNews[] = [];
  const given: number[] = [];
  const disk: { refuses: boolean; error: () => Error } = { refuses: false, error: fullDisk };
  let reads = 0;
  const work = new JournalJobs(() => {
    reads += 1;
    return call.events;
  });
  const finisher = new CallFinalizer({
    worker: {
      read: (file) => work.read(file),
      utterance: (file, read, turn) => work.utterance(file, read, turn),
      write: (file, settings, read) =>
        disk.refuses ? Promise.reject(disk.error()) : work.write(file, settings, read),
    },
    services: scene.services ?? {},
    settings: {
      directory: folder,
      temporary: path.join(folder, '.offhook'),
      channels: 'mono',
      sampleRateHz: 'auto',
      mp3Bitrate: 128,
      mp3Engine: 'wasm',
      finishWaitMs: scene.finishWaitMs ?? 15_000,
      pendingDays: scene.pendingDays ?? 30,
      keepJournals: scene.keepJournals ?? false,
    },
    clock,
    observer: { finished: (one) => news.push(one), failed: (one) => news.push(one) },
  });
  let filesAtMs: number | undefined;
  const startedAtMs = clock.nowMs;
  const done = finisher
    .finish({
      callSid: TOLD_SID,
      journal,
      call: scene.settled && {
        allTextsArrived: () => scene.settled!,
        giveUpTexts: () => void given.push(clock.nowMs - startedAtMs),
      },
      untranscribed: new Map(scene.untranscribed && [[2, scene.untranscribed]]),
    })
    .then(() => (filesAtMs = clock.nowMs - startedAtMs));
  /**
   * Lets time pass. Files are really written meanwhile, which no virtual clock can wait for: after each task that wakes, time
   * advances in small steps for a second. Then it jumps to the next task.
   */
  const pass = async (ms: number): Promise<void> => {
    const untilMs = clock.nowMs + ms;
    let lastWakeMs = clock.nowMs;
    while (clock.nowMs < untilMs) {
      const nextWakeMs = Math.min(clock.nextWakeMs ?? untilMs, untilMs);
      const isQuiet = clock.nowMs - lastWakeMs >= 1_000;
      const toMs = isQuiet ? Math.max(nextWakeMs, clock.nowMs + 1) : Math.min(untilMs, clock.nowMs + 100);
      if (nextWakeMs <= toMs) lastWakeMs = toMs;
      await clock.goTo(toMs);
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const text = (): string => readFileSync(path.join(folder, `call_${TOLD_SID}.txt`), 'utf8');
  const summary = (): string => readFileSync(path.join(folder, `call_${TOLD_SID}_summary.txt`), 'utf8');
  return {
    clock,
    call,
    journal,
    news,
    given,
    disk,
    finisher,
    done,
    pass,
    text,
    summary,
    filesAtMs: () => filesAtMs,
    reads: () => reads,
  };
}

export const kinds = (news: readonly FinalizerNews[]): string[] =>
  news.map((one) => (one.kind === 'finished' ? 'finished' : one.doing));

export const transcriberOf = (
  answer: (asked: number) => Promise<string>,
): Transcriber & { asked: number } => {
  const transcriber = {
    asked: 0,
    transcribe: () => answer((transcriber.asked += 1)),
  };
  return transcriber;
};
export const summarizerOf = (
  answer: (asked: number, lines: readonly string[]) => Promise<string>,
): Summarizer & { asked: number } => {
  const summarizer = {
    asked: 0,
    summarize: (lines: readonly string[]) => answer((summarizer.asked += 1), lines),
  };
  return summarizer;
};
export const never = (): Promise<string> => new Promise(() => undefined);
