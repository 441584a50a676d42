import type { FormatChange, RecordingFormats } from '../api/audio-formats-router.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { DeskCalls } from '../desk/desk-ports.ts';
import { recordingName } from '../records/recording/render-recording.ts';
import type { CallStorage } from './storage/call-storage.ts';

export interface RecordingFormatsOptions {
  /** The calls of all processes of this server. */
  readonly calls: Pick<DeskCalls, 'setFormat'>;
  readonly storage: Pick<CallStorage, 'isHeldElsewhere'>;
  readonly catalogue?: Pick<Catalogue, 'get'> | undefined;
}

/** Sets the format of calls of this server, and reports calls of other servers. */
export function createRecordingFormats(options: RecordingFormatsOptions): RecordingFormats {
  return {
    setFormat: async (callSid, format) => {
      const outcome = await options.calls.setFormat(callSid, format);
      if (outcome === 'set') return { outcome, file: recordingName(callSid, format) };
      return outcome === 'no-such-call' ? callElsewhere(options, callSid) : { outcome };
    },
  };
}

/** The state of a call that another server has: from its journal in this directory, or from the shared catalogue. */
async function callElsewhere(
  { storage, catalogue }: RecordingFormatsOptions,
  callSid: string,
): Promise<FormatChange> {
  if (await storage.isHeldElsewhere(callSid)) return { outcome: 'elsewhere' };
  const entry = await catalogue?.get(callSid).catch(() => undefined);
  if (!entry) return { outcome: 'no-such-call' };
  return { outcome: entry.state === 'finished' ? 'finished' : 'elsewhere' };
}
