import type { TextAnchor } from '../../events/call-events.ts';

/** What is known of a piece's words at its end. */
export interface PieceWords {
  /** Its words, if they are not its text. */
  readonly spoken?: string | undefined;
  /** Where its sentences begin; given for words that arrived with the audio. */
  readonly anchors?: readonly TextAnchor[] | undefined;
}

/** What is known of a piece that was cut before all of its audio had arrived. */
export interface CutWords {
  readonly text: string;
  /** The length of its audio. */
  readonly samples: number;
  readonly anchors: readonly TextAnchor[];
}
