/** Samples of one channel, decoded from a stream. */
export interface PcmPiece {
  readonly pcm: Int16Array;
  readonly sampleRateHz: number;
}

/** Decodes a stream that arrives in portions of any size. */
export interface AudioStream {
  read(bytes: Uint8Array): PcmPiece[] | Promise<PcmPiece[]>;
  /** The stream is complete: the samples that were held back. */
  end(): PcmPiece[] | Promise<PcmPiece[]>;
  /** Frees the decoder. May be called twice. */
  close(): void;
}
