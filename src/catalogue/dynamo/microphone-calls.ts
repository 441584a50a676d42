import type { CatalogueEntry, UnannotatedCall } from '../../records/call-entry.ts';
import type { TranscriptTurn } from '../../records/text/transcript.ts';
import {
  type MicrophoneEntry,
  microphoneKey,
  type MicrophoneRecording,
  type MicrophoneUtterance,
  recordingOfKey,
  utteranceId,
} from '../microphone-entry.ts';

/**
 * A microphone recording is stored like a call, under a name that no call has: so it is written, read, searched and removed by the
 * same code, completely or not at all.
 */
interface MicrophoneCall extends UnannotatedCall {
  readonly microphone: Pick<
    MicrophoneRecording,
    'transcription' | 'language' | 'sizeBytes' | 'sha256' | 'wordsSha256'
  >;
}

/** An utterance: `label` is what the service called the speaker. */
type MicrophoneTurn = TranscriptTurn & { readonly label?: string | undefined };

export function callOfMicrophone(entry: MicrophoneEntry): CatalogueEntry {
  const { name, createdAtMs, durationMs, format, keywords, utterances, ...microphone } = entry;
  const call: MicrophoneCall & CatalogueEntry = {
    callSid: microphoneKey(name),
    from: '',
    to: '',
    startedAtMs: createdAtMs,
    state: 'finished',
    format,
    durationMs,
    keywords,
    files: [],
    notes: [],
    microphone,
    turns: utterances.map(turnOf),
  };
  return call;
}

export function microphoneOfCall(call: UnannotatedCall): MicrophoneRecording {
  const { microphone, callSid, startedAtMs, durationMs = 0, keywords } = call as MicrophoneCall;
  const name = recordingOfKey(callSid) ?? callSid;
  return { name, createdAtMs: startedAtMs, durationMs, keywords, format: 'wav', ...microphone };
}

export function utteranceOfTurn(turn: TranscriptTurn): MicrophoneUtterance {
  const { startMs, endMs, text = '', label: speaker } = turn as MicrophoneTurn;
  return { startMs, endMs, text, speaker };
}

function turnOf({ speaker: label, ...utterance }: MicrophoneUtterance, index: number): MicrophoneTurn {
  return { id: utteranceId(index), speaker: 'caller', kind: 'speech', cut: false, ...utterance, label };
}
