const crcOfByte = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  return crc;
});

/** CRC-16 as used in LAME's tag (polynomial 0x8005, reflected, initial value 0). `crc`: the value so far. */
export function crc16(bytes: Uint8Array, crc = 0): number {
  let sum = crc;
  for (let i = 0; i < bytes.length; i++) sum = (sum >>> 8) ^ crcOfByte[(sum ^ bytes[i]!) & 0xff]!;
  return sum;
}
