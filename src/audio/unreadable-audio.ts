/** The bytes are not audio that can be decoded; the message gives the reason. */
export class UnreadableAudio extends Error {
  constructor(reason: string, options?: { cause?: unknown }) {
    super(reason, options);
    this.name = 'UnreadableAudio';
  }

  /** For what should be a WAV file. */
  static wav(reason: string, options?: { cause?: unknown }): UnreadableAudio {
    return new UnreadableAudio(`not a readable WAV file: ${reason}`, options);
  }
}
