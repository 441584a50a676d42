/** What an encoder is told before the first sample. */
export interface EncoderSettings {
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  /** Sample frames at `sampleRateHz` that will come, exactly; placing happens before encoding, so it is known. */
  readonly totalFrames: number;
  /** kbit/s; one of `MP3_BITRATES`. */
  readonly mp3Bitrate: number;
  readonly mp3Engine: 'wasm' | 'lamejs';
}

/** Bytes to be put over what has been written, at `offset` from the beginning of the file. */
export interface Patch {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Turns one recording into the bytes of one file, piece by piece. Every result is the caller's to keep. */
export interface Encoder {
  /** Takes interleaved 16-bit samples in pieces of any size, returns the file's next bytes, which may be none. */
  encode(pcm: Int16Array): Uint8Array;
  /**
   * The file's last bytes, and what must then be put over the bytes before them. Called once.
   * Throws when not exactly `totalFrames` have come.
   */
  finish(): { readonly tail: Uint8Array; readonly patches: readonly Patch[] };
  /** kbit/s of an MP3; differs from what was asked for where the sample rate does not allow that. */
  readonly actualBitrateKbps?: number;
}
