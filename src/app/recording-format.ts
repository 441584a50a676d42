import type { FormatChange, RecordingFormats } from '../api/audio-formats-router.ts';
import type { CallRegistry } from '../call/call-registry.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Clock } from '../events/clock.ts';
import type { Journal } from '../journal/journal.ts';
import { recordingName } from '../records/render-recording.ts';
import type { CallStorage } from './storage/call-storage.ts';

export interface RecordingFormatsOptions {
  readonly calls: CallRegistry<Journal>;
  readonly storage: Pick<CallStorage, 'isHeldElsewhere'>;
  readonly catalogue?: Pick<Catalogue, 'get'> | undefined;
  readonly clock: Pick<Clock, 'now'>;
}

/** Sets the format of calls of this process, and reports calls of other processes. */
export function createRecordingFormats(options: RecordingFormatsOptions): RecordingFormats {
  return {
    setFormat: async (callSid, format) => {
      const outcome = options.calls.setFormat(callSid, format, options.clock.now());
      if (outcome === 'set') return { outcome, file: recordingName(callSid, format) };
      return outcome === 'no-such-call' ? callElsewhere(options, callSid) : { outcome };
    },
  };
}

/** The state of a call that another process has: from its journal in this directory, or from the shared catalogue. */
async function callElsewhere(
  { storage, catalogue }: RecordingFormatsOptions,
  callSid: string,
): Promise<FormatChange> {
  if (await storage.isHeldElsewhere(callSid)) return { outcome: 'elsewhere' };
  const entry = await catalogue?.get(callSid).catch(() => undefined);
  if (!entry) return { outcome: 'no-such-call' };
  return { outcome: entry.state === 'finished' ? 'finished' : 'elsewhere' };
}
