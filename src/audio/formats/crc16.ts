const crcOfByte = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  return crc;
});

/** CRC-16 as LAME's tag uses it (polynomial 0x8005, reflected, beginning with 0), going on from `crc`. */
export function crc16(bytes: Uint8Array, crc = 0): number {
  let sum = crc;
  for (let i = 0; i < bytes.length; i++) sum = (sum >>> 8) ^ crcOfByte[(sum ^ bytes[i]!) & 0xff]!;
  return sum;
}
