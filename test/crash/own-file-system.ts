import path from 'node:path';
import { expect } from 'vitest';
import { writeWav } from '../../src/audio/wav/wav.ts';
import { newSid, placeCall } from '../../src/simulator/phone/simulated-phone.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { fileIsThere } from '../support/file-appears.ts';
import { doing, type Ground, HANGS_UP } from './own-server.ts';
import type { ServerProcess } from './server-process.ts';

const SHIM = path.resolve(import.meta.dirname, '../support/refusing-file-system.cjs');
const FILES_WITHIN_MS = 30_000;

/** Settings of a server on a file system that refuses these operations, by code. */
export function refusing(
  folder: string,
  operations: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    NODE_OPTIONS: `--require ${JSON.stringify(SHIM)}`,
    REFUSED: Object.entries(operations)
      .map((pair) => pair.join('='))
      .join(','),
    REFUSED_BELOW: folder,
    MICROPHONE_DIRECTORY: path.join(folder, 'microphone'),
  };
}

/** A call until its files are written. */
export async function finishedCall(ground: Ground, server: ServerProcess): Promise<void> {
  const callSid = newSid('CA');
  const report = await placeCall({ baseUrl: server.baseUrl, callSid, ...scenarioCall(doing(HANGS_UP)) });
  expect(report.endedBy).toBe('caller');
  await fileIsThere(path.join(ground.folder, `call_${callSid}.json`), FILES_WITHIN_MS);
}

export async function saveRecording(server: ServerProcess): Promise<Response> {
  const form = new FormData();
  form.append('audio', new Blob([writeWav(new Int16Array(16_000).fill(1_000), 16_000)]), 'clip.wav');
  return fetch(`${server.baseUrl}/save_recording`, { method: 'POST', body: form });
}

/** Saves a transcript of a recording. */
export async function saveTranscript(server: ServerProcess, name: string): Promise<Response> {
  return fetch(`${server.baseUrl}/recordings/${name}/transcript`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: 'An invoice.' }),
  });
}

export function logged(server: ServerProcess, msg: string): Readonly<Record<string, unknown>>[] {
  return server.log.filter((line) => line['msg'] === msg);
}
