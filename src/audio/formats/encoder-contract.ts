/** The parameters of an encoder. */
export interface EncoderSettings {
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  /** The exact number of sample frames at `sampleRateHz`, if it is known: the file's bytes do not depend on that. */
  readonly totalFrames?: number | undefined;
  /** kbit/s; one of `MP3_BITRATES`. */
  readonly mp3Bitrate: number;
  readonly mp3Engine: 'wasm' | 'lamejs';
}

/** Bytes that overwrite earlier output, at `offset` from the beginning of the file. */
export interface Patch {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Encodes one recording as a stream of bytes. The caller owns every result. */
export interface Encoder {
  /** Takes interleaved 16-bit samples in chunks of any size. Returns the next bytes of the file, possibly none. */
  encode(pcm: Int16Array): Uint8Array;
  /**
   * Returns the last bytes of the file, and patches for earlier bytes. Called once. Throws if the number of frames
   * differs from a known `totalFrames`.
   */
  finish(): { readonly tail: Uint8Array; readonly patches: readonly Patch[] };
  /** Frees an encoder whose file is not wanted. */
  abandon?(): void;
  /** kbit/s of an MP3; differs from the requested value if the sample rate does not support that. */
  readonly actualBitrateKbps?: number;
}
