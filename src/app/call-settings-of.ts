import type { CallSettings } from '../events/call-settings.ts';
import type { Settings } from '../settings/settings.ts';

/** How the settings shape a call. */
export function callSettingsOf({ turns, limits }: Settings): CallSettings {
  const { endOfTurnMs, preRollMs, minSpeechMs, bargeInMs, longestUtteranceMs, ...talk } = turns;
  return {
    turns: { endOfTurnMs, preRollMs, minSpeechMs, bargeInMs, longestUtteranceMs },
    talk,
    maxLeadMs: limits.maxLeadMs,
    maxCallMinutes: limits.maxCallMinutes,
  };
}
