/** Encodes MP3 frames. Results are copies and consist of complete frames of one bitrate. */
export interface Mp3Engine {
  /** Nine characters for the LAME tag; decoders use its delay only if they begin with "LAME". */
  readonly name: string;
  readonly kbps: number;
  encode(block: Int16Array): Uint8Array;
  flush(): Uint8Array;
}

export interface Mp3EngineSettings {
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  /** The requested values; the engine reports the actual ones. */
  readonly kbps: number;
}

/**
 * The gain that LAME's preset for a bitrate applies to leave room for overshoot (its switch map for average bitrates;
 * measured with both engines). The input is scaled up by the same factor, so that a recording has the level of the
 * call; both engines take floats, which do not clip.
 */
export function lameScale(kbps: number): number {
  if (kbps <= 160) return 0.95;
  if (kbps <= 192) return 0.97;
  return kbps <= 224 ? 0.98 : 1;
}
