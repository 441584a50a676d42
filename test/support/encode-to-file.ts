import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEncoder, type EncoderSettings } from '../../src/audio/formats/encoder.ts';
import type { AudioFormat } from '../../src/audio/formats/formats.ts';

/** Settings for a test; the length comes from the samples. */
export type Settings = Partial<EncoderSettings> & Pick<EncoderSettings, 'sampleRateHz' | 'channels'>;

export interface Encoded {
  readonly bytes: Buffer;
  readonly actualBitrateKbps: number | undefined;
}

/** A whole file as a writer would make it: the pieces, then the patches. `chunk` counts samples, not frames. */
export async function encodeAll(
  format: AudioFormat,
  settings: Settings,
  pcm: Int16Array,
  chunk = Math.max(1, pcm.length),
): Promise<Encoded> {
  const encoder = await createEncoder(format, {
    totalFrames: pcm.length / settings.channels,
    mp3Bitrate: 128,
    mp3Engine: 'wasm',
    ...settings,
  });
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < pcm.length; at += chunk) pieces.push(encoder.encode(pcm.subarray(at, at + chunk)));
  const { tail, patches } = encoder.finish();
  const bytes = Buffer.concat([...pieces, tail]);
  for (const { offset, bytes: patch } of patches) bytes.set(patch, offset);
  return { bytes, actualBitrateKbps: encoder.actualBitrateKbps };
}

/** A folder for files of one test file, and a way to remove it. */
export function fileShelf(): { put(name: string, bytes: Uint8Array): string; clear(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'offhook-audio-'));
  return {
    put: (name, bytes) => {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      return path;
    },
    clear: () => rmSync(folder, { recursive: true, force: true }),
  };
}
