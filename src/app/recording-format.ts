import type { FormatChange, FormatDesk } from '../api/audio-formats-router.ts';
import type { Calls } from '../call/call-registry.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { DiskJournal } from '../journal/journal.ts';
import { recordingName } from '../records/render-recording.ts';
import type { BackOffice } from './call-storage.ts';

export interface FormatDeskParts {
  readonly calls: Calls<DiskJournal>;
  readonly office: Pick<BackOffice, 'isHeldElsewhere'>;
  readonly catalogue?: Pick<Catalogue, 'get'>;
  readonly now: () => number;
}

/** Chooses the format of this process's calls, and knows those that are another's. */
export function formatDesk(parts: FormatDeskParts): FormatDesk {
  return {
    setFormat: async (callSid, format) => {
      const outcome = parts.calls.setFormat(callSid, format, parts.now());
      if (outcome === 'set') return { outcome, file: recordingName(callSid, format) };
      return outcome === 'no-such-call' ? strangeCall(parts, callSid) : { outcome };
    },
  };
}

/** A call that this process knows nothing of: by its journal in this folder, or by the catalogue of several machines. */
async function strangeCall({ office, catalogue }: FormatDeskParts, callSid: string): Promise<FormatChange> {
  if (await office.isHeldElsewhere(callSid)) return { outcome: 'elsewhere' };
  const entry = await catalogue?.get(callSid).catch(() => undefined);
  if (!entry) return { outcome: 'no-such-call' };
  return { outcome: entry.state === 'finished' ? 'finished' : 'elsewhere' };
}
