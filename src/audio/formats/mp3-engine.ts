/** What encodes MP3 frames. Results are copies; there are whole frames only, of one bitrate. */
export interface Mp3Engine {
  /** Nine characters for the LAME tag; decoders believe its delay only if they begin with "LAME". */
  readonly name: string;
  readonly kbps: number;
  encode(block: Int16Array): Uint8Array;
  flush(): Uint8Array;
}

export interface Mp3EngineSettings {
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  /** As asked for; the engine says what it made of it. */
  readonly kbps: number;
}

/**
 * By how much LAME's preset for a bitrate turns the sound down, to leave room for overshoot (its switch map for
 * average bitrates; measured at both engines). We turn the input up by as much, so that a recording has the level of
 * the call; both engines take floats, in which nothing clips.
 */
export function lameScale(kbps: number): number {
  if (kbps <= 160) return 0.95;
  if (kbps <= 192) return 0.97;
  return kbps <= 224 ? 0.98 : 1;
}
