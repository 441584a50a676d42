import { loudnessDbfs } from '../../src/audio/loudness.ts';
import type { VoiceActivityDetector } from '../../src/audio/speech/turn-detector.ts';

/** Takes everything that is loud for speech. */
export class LoudnessJudge implements VoiceActivityDetector {
  released = false;

  isSpeech(frame: Int16Array): boolean {
    return loudnessDbfs(frame) > -40;
  }

  release(): void {
    this.released = true;
  }
}
