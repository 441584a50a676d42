/** The header is padded so that the data begins at a multiple of this. */
const ALIGNMENT = 64;
const MAGIC = Buffer.from('\x93NUMPY\x01\x00', 'latin1');

/** A one-dimensional array as NumPy saves it, version 1.0: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
export function npyOf(samples: Float32Array): Uint8Array {
  const description = `{'descr': '<f4', 'fortran_order': False, 'shape': (${samples.length},), }`;
  const before = MAGIC.length + 2;
  const end = Math.ceil((before + description.length + 1) / ALIGNMENT) * ALIGNMENT;
  const header = Buffer.alloc(end, ' ');
  MAGIC.copy(header);
  header.writeUInt16LE(end - before, MAGIC.length);
  header.write(description, before, 'latin1');
  header.write('\n', end - 1, 'latin1');
  const data = Buffer.alloc(samples.length * 4);
  samples.forEach((sample, index) => data.writeFloatLE(sample, index * 4));
  return Buffer.concat([header, data]);
}
