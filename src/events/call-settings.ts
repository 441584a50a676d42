import type { TurnSettings } from '../audio/speech/turn-detector.ts';

export interface TalkSettings {
  /** The language that the assistant is expected to speak: `en`, `pt-BR`. It decides where sentences end. */
  readonly language?: string | undefined;
  /** 0: never asks. */
  readonly stillThereAfterMs: number;
  readonly goodbyeAfterMs: number;
  readonly fillerAfterMs: number;
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
