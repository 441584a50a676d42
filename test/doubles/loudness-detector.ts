import { loudnessDbfs } from '../../src/audio/loudness.ts';
import type { SpeechJudge } from '../../src/audio/speech/turn-detector.ts';

/** Takes everything that is loud for speech. */
export class LoudnessJudge implements SpeechJudge {
  released = false;

  isSpeech(frame: Int16Array): boolean {
    return loudnessDbfs(frame) > -40;
  }

  release(): void {
    this.released = true;
  }
}
