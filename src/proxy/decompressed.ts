import { pipeline, Readable } from 'node:stream';
import { constants, createBrotliDecompress, createUnzip } from 'node:zlib';

/** More are an attack. `fetch` has the same limit. */
const MAX_ENCODINGS = 5;
const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = constants;

/** A body that ends early is read up to there. */
const unzip = () => createUnzip({ flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH });
const brotli = () =>
  createBrotliDecompress({ flush: BROTLI_OPERATION_FLUSH, finishFlush: BROTLI_OPERATION_FLUSH });
const DECODERS: Readonly<Record<string, typeof unzip | typeof brotli>> = {
  gzip: unzip,
  'x-gzip': unzip,
  deflate: unzip,
  br: brotli,
};

/**
 * A body without its content encodings; with one that is not known, the body as it is. Requests ask for none, but some servers and
 * proxies compress nevertheless.
 */
export function decompressed(body: AsyncIterable<Uint8Array>, encodings: string): AsyncIterable<Uint8Array> {
  const names = encodings.toLowerCase().split(',');
  const decoders = names
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity')
    .map((name) => DECODERS[name])
    .reverse();
  if (decoders.length === 0 || decoders.length > MAX_ENCODINGS) return body;
  const streams = decoders.map((create) => create?.());
  if (!streams.every((stream) => stream !== undefined)) return body;
  // Errors reach the reader of the last stream.
  pipeline([Readable.from(body), ...streams], () => undefined);
  return streams.at(-1)! as AsyncIterable<Uint8Array>;
}
