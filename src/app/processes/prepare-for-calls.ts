import { loadResampler } from '../../audio/resampler.ts';
import { loadVoiceActivity } from '../../audio/speech/voice-activity.ts';
import { lowerHelperThreads } from '../../storage/thread-priority.ts';

/** Prepares this process for live calls. Call it before the threads that write journals start, so that their priority is not lowered. */
export async function prepareForCalls(): Promise<void> {
  lowerHelperThreads();
  await Promise.all([loadVoiceActivity(), loadResampler()]);
}
