import { loadResampler } from '../../audio/resampler.ts';
import { loadVoiceActivity } from '../../audio/speech/voice-activity.ts';
import { lowerHelperThreads } from '../../storage/thread-priority.ts';

/** Prepares this process for live calls. To be called before the threads that write journals start: they keep their priority. */
export async function prepareForCalls(): Promise<void> {
  lowerHelperThreads();
  await Promise.all([loadVoiceActivity(), loadResampler()]);
}
