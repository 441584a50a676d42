import { type AudioFormat, describeFormat } from '../../audio/formats/formats.ts';
import type { CallEvent } from '../../events/call-events.ts';
import type { ReconstructedCall } from '../reconstructed-call.ts';
import { layOutAudio, recordingSamples } from './audio-timeline.ts';
import { type RecordingFile, type RecordingSettings, RecordingWriter } from './recording-writer.ts';

export function recordingName(callSid: string, format: AudioFormat): string {
  return `call_${callSid}_conversation.${describeFormat(format).extension}`;
}

/** Places, mixes and encodes a call's sound into one file. `events` is asked for the journal from its beginning. */
export async function renderRecording(
  call: ReconstructedCall,
  events: () => Iterable<CallEvent>,
  settings: RecordingSettings,
  where: { readonly target: string; readonly aside: string },
): Promise<RecordingFile> {
  const writer = await RecordingWriter.open(call.format, settings, where);
  try {
    for (const block of layOutAudio(call, events())) writer.append(block);
    return writer.finish(recordingSamples(call));
  } catch (error) {
    writer.abandon();
    throw error;
  }
}
