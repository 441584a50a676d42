export interface Mp3Info {
  readonly frames: number;
  readonly bytes: number;
  readonly seek: readonly number[];
  readonly encoder: string;
  readonly method: number | undefined;
  readonly delay: number;
  readonly padding: number;
  readonly musicBytes: number;
  readonly musicCrc: number;
  readonly tagCrc: number;
  readonly tagEnd: number;
}

/** The fields of an Info frame, by their places in LAME's tag specification. */
export function readInfo(mp3: Buffer): Mp3Info {
  const at = mp3.indexOf('Info');
  const lame = at + 120;
  const delays = mp3.readUIntBE(lame + 21, 3);
  return {
    frames: mp3.readUInt32BE(at + 8),
    bytes: mp3.readUInt32BE(at + 12),
    seek: [...mp3.subarray(at + 16, at + 116)],
    encoder: mp3.toString('latin1', lame, lame + 9),
    method: mp3[lame + 9],
    delay: delays >> 12,
    padding: delays & 0xfff,
    musicBytes: mp3.readUInt32BE(lame + 28),
    musicCrc: mp3.readUInt16BE(lame + 32),
    tagCrc: mp3.readUInt16BE(lame + 34),
    tagEnd: lame + 36,
  };
}
