import type { CancelRequest } from '../service-calls.ts';

/** One sentence of a reply: its text, and how far its speech has come. */
export interface ReplySentence {
  readonly text: string;
  /** The words that the voice spoke, if they are not `text`. */
  spoken?: string;
  /** Audio that arrived before it was this sentence's turn to be sent. */
  early: Uint8Array[];
  piece?: number;
  /** Cancels the synthesis; undefined until it was requested. */
  cancel?: CancelRequest;
  /** `arriving`: more audio may come. `failed`: it broke off, or never began. */
  audio: 'arriving' | 'complete' | 'failed';
  /** All of its audio was passed to the output, or there is none. */
  passedOn: boolean;
  /** Resolves the wait of a speech stream for room in the output queue. */
  room?: () => void;
}

/** A sentence with less audio than this is not begun: the queue would hold it back, and fillers behind it. */
const MIN_BEGINNING_BYTES = 1_600;

/** True if audio of the sentence waits, and enough of it to begin. */
export function hasAudioToSend({ early, piece, audio }: ReplySentence): boolean {
  const bytes = early.reduce((sum, { length }) => sum + length, 0);
  return bytes > 0 && (piece !== undefined || audio !== 'arriving' || bytes >= MIN_BEGINNING_BYTES);
}

/** Stops the synthesis of a sentence, and ends the wait of its stream. */
export function dropSentence(sentence: ReplySentence, reason?: 'late'): void {
  sentence.cancel?.(reason);
  sentence.room?.();
}
