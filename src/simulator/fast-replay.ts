import path from 'node:path';
import type { AudioFormat } from '../audio/formats/formats.ts';
import { isAudioFormat } from '../audio/formats/formats.ts';
import type { PromptBook } from '../call/dialog/prompts.ts';
import type { Services } from '../call/ports.ts';
import type { CallEvent } from '../events/call-events.ts';
import type { CallSettings } from '../events/call-settings.ts';
import { CallFinalizer } from '../records/finalization/call-finalizer.ts';
import type { CallFiles } from '../records/write-call-files.ts';
import { JournalJobs } from '../records/journal-jobs.ts';
import type { RecordingSettings } from '../records/recording/recording-writer.ts';
import { fixtureCaller } from './fixtures/fixture-caller.ts';
import { fixtureGreeter, fixtureServices } from './fixtures/fixture-services.ts';
import type { Fixture } from './fixtures/fixture.ts';
import { playVirtualCall } from './virtual-call.ts';
import { VirtualClock } from './virtual-clock.ts';

const STEP_MS = 100;
const FINISH_WAIT_MS = 15_000;
const PENDING_DAYS = 30;

export interface FastReplayOptions {
  readonly prompts: PromptBook;
  /** Absolute path. The files carry the name of the recorded call and replace existing ones. */
  readonly directory: string;
  readonly recording: RecordingSettings;
  /** Default: the recorded call's own. */
  readonly format?: AudioFormat | undefined;
}

export interface FastReplay {
  readonly events: readonly CallEvent[];
  readonly files: CallFiles;
  readonly directory: string;
}

/** Replays a recorded call in this process under a virtual clock and writes its files: the same bytes each time. */
export async function fastReplay(fixture: Fixture, options: FastReplayOptions): Promise<FastReplay> {
  const { header } = fixture;
  const clock = new VirtualClock(Date.parse(header.startedAt));
  const startedAtMs = clock.nowMs;
  const services = fixtureServices(fixture, clock.sleep);
  const { callSid } = header;
  const played = await playVirtualCall({
    clock,
    callSid,
    caller: fixtureCaller(fixture),
    environment: {
      services,
      prompts: options.prompts,
      greeter: fixtureGreeter(fixture, clock.now, () => startedAtMs),
      settings: header.settings as unknown as CallSettings,
    },
    format: options.format ?? formatOf(fixture),
  });
  const files = await finishVirtually(played.events, callSid, services, clock, options);
  return { events: played.events, files, directory: options.directory };
}

function formatOf(fixture: Fixture): AudioFormat {
  const { format } = fixture.header.settings;
  return isAudioFormat(format) ? format : 'mp3';
}

async function finishVirtually(
  events: CallEvent[],
  callSid: string,
  services: Services,
  clock: VirtualClock,
  options: FastReplayOptions,
): Promise<CallFiles> {
  let files: CallFiles | undefined;
  let failure: unknown;
  const finisher = new CallFinalizer({
    worker: new JournalJobs(() => events),
    services,
    settings: {
      ...options.recording,
      directory: options.directory,
      temporary: path.join(options.directory, '.offhook', 'aside'),
      finishWaitMs: FINISH_WAIT_MS,
      pendingDays: PENDING_DAYS,
      keepJournals: false,
    },
    clock,
    observer: {
      finished: (news) => (files = news.files),
      failed: (news) => (failure = news.error),
    },
  });
  let over = false;
  const done = finisher
    .finish({
      callSid,
      journal: {
        path: callSid,
        append: (event) => void events.push(event),
        written: () => Promise.resolve(),
        closeFileWhenWritten: () => undefined,
        close: () => Promise.resolve(),
      },
      call: undefined,
      untranscribed: new Map(),
    })
    .finally(() => (over = true));
  while (!over && !failure) await clock.goTo(clock.nowMs + STEP_MS);
  if (!over) void finisher.stop();
  else await done;
  if (!files) throw new Error(`the files of ${callSid} could not be written`, { cause: failure });
  return files;
}
