/** The audio of the telephone network: G.711 μ-law, one byte per sample. */

export const TELEPHONE_HZ = 8_000;
export const SAMPLES_PER_MS = TELEPHONE_HZ / 1_000;

/** Length of a frame as Twilio sends it. */
export const FRAME_MS = 20;
export const FRAME_SAMPLES = FRAME_MS * SAMPLES_PER_MS;

/** The μ-law byte of a silent sample. */
export const MULAW_SILENCE = 0xff;
