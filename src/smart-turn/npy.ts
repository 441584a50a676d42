/** The header is padded so that the data begins at a multiple of this. */
const ALIGNMENT = 64;
const MAGIC = Buffer.from('\x93NUMPY\x01\x00', 'latin1');

const FULL_SCALE = 32_768;

/**
 * 16-bit samples as NumPy saves a one-dimensional array of 32-bit floats from -1 to 1, version 1.0:
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function npyOf(parts: readonly Int16Array[]): Uint8Array {
  const samples = parts.reduce((sum, { length }) => sum + length, 0);
  const description = `{'descr': '<f4', 'fortran_order': False, 'shape': (${samples},), }`;
  const before = MAGIC.length + 2;
  const end = Math.ceil((before + description.length + 1) / ALIGNMENT) * ALIGNMENT;
  const file = Buffer.alloc(end + 4 * samples);
  file.fill(' ', 0, end - 1);
  MAGIC.copy(file);
  file.writeUInt16LE(end - before, MAGIC.length);
  file.write(description, before, 'latin1');
  file.write('\n', end - 1, 'latin1');
  let at = end;
  for (const part of parts) {
    for (let index = 0; index < part.length; index += 1) {
      file.writeFloatLE(part[index]! / FULL_SCALE, at);
      at += 4;
    }
  }
  return file;
}
