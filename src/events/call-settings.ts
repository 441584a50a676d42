import type { TurnSettings } from '../audio/speech/turn-detector.ts';

/** `text`: the transcription is requested. `reply`: a reply to a finished sentence too. */
export type EagerReplies = 'off' | 'text' | 'reply';

/** `codes`: telephone numbers, addresses and codes are put into spoken form. `all`: ordinary numbers, dates and amounts too. */
export type SpokenFormMode = 'off' | 'codes' | 'all';

export interface TalkSettings {
  /** The language that the assistant is expected to speak: `en`, `pt-BR`. It decides where sentences end. */
  readonly language?: string | undefined;
  /** 0: never asks. */
  readonly stillThereAfterMs: number;
  readonly goodbyeAfterMs: number;
  readonly fillerAfterMs: number;
  /** What is prepared while the caller pauses; absent in journals of before 0.2.0: nothing. */
  readonly eagerReplies?: EagerReplies | undefined;
  /** How texts of the model are put into words before they are spoken. Absent in journals of before 0.2.0: not at all. */
  readonly spokenForm?: SpokenFormMode | undefined;
  /** Who decides where the turns of callers end, if a speech-to-speech model replies. Default: our turn detector. */
  readonly turns?: 'server' | 'own' | undefined;
  readonly messagePauseMs: number;
  readonly messageSilenceMs: number;
  /** How long only the caller's side may be heard; 0: no limit. Absent in journals of before 0.2.0. */
  readonly oneSidedMs?: number | undefined;
}

/** How a call listens and talks. */
export interface CallSettings {
  readonly turns: TurnSettings;
  readonly talk: TalkSettings;
  readonly maxLeadMs: number;
  /** 0: no limit. */
  readonly maxCallMinutes: number;
}
