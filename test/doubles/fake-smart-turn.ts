import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request, as a smart-turn server reads it. */
export interface SmartTurnRequest {
  /** Samples at 16 kHz, from -1 to 1. */
  readonly samples: Float32Array;
  readonly authorization: string | undefined;
}

export interface FakeSmartTurn {
  readonly url: string;
  readonly requests: readonly SmartTurnRequest[];
  /** What is answered from now on; undefined: nothing. */
  answer: { readonly status?: number; readonly body: string } | undefined;
  close(): Promise<void>;
}

/** The header that NumPy writes for a one-dimensional array: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
const HEADER = /^\{'descr': '<f4', 'fortran_order': False, 'shape': \((\d+),\), \} *\n$/u;

/** Speaks the protocol of Pipecat's smart-turn servers, and refuses what NumPy would not read. */
export async function startFakeSmartTurn(): Promise<FakeSmartTurn> {
  const requests: SmartTurnRequest[] = [];
  const fake: Pick<FakeSmartTurn, 'answer'> = {
    answer: { body: JSON.stringify({ prediction: 1, probability: 0.9 }) },
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const refusal = refusalOf(request);
      const samples = refusal ?? readNpy(Buffer.concat(chunks));
      if (typeof samples === 'string') return void response.writeHead(422).end(samples);
      requests.push({ samples, authorization: request.headers.authorization });
      if (fake.answer === undefined) return undefined;
      const { status = 200, body } = fake.answer;
      return void response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/raw`;
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return Object.assign(fake, { url, requests, close });
}

function refusalOf({ method, url, headers }: IncomingMessage): string | undefined {
  if (method !== 'POST' || url !== '/raw') return 'no such route';
  return headers['content-type'] === 'application/octet-stream' ? undefined : 'no octets';
}

/** The samples; a sentence if NumPy would refuse the array. */
function readNpy(bytes: Buffer): Float32Array | string {
  if (bytes.subarray(0, 8).toString('latin1') !== '\x93NUMPY\x01\x00') return 'no magic string';
  const end = 10 + bytes.readUInt16LE(8);
  if (end % 64 !== 0) return 'the data is not aligned';
  const [, shape] = HEADER.exec(bytes.subarray(10, end).toString('latin1')) ?? [];
  if (shape === undefined) return 'the header is not readable';
  const data = bytes.subarray(end);
  if (data.length !== Number(shape) * 4) return `${data.length} bytes for ${shape} samples`;
  return Float32Array.from({ length: Number(shape) }, (_, index) => data.readFloatLE(index * 4));
}
