import { createEncoder } from '../audio/formats/encoder.ts';
import { type AudioFormat, describeFormat } from '../audio/formats/formats.ts';
import { autoMp3RateHz } from '../audio/formats/mp3-bitrates.ts';
import { interleaveStereo, mixMono } from '../audio/mix.ts';
import { loadResampler, Resampler } from '../audio/resampler.ts';
import { TELEPHONE_HZ, SAMPLES_PER_MS } from '../audio/telephone.ts';
import type { CallEvent } from '../events/call-events.ts';
import { DurableFile, type WrittenFile } from '../storage/durable-file.ts';
import { layOutAudio } from './audio-timeline.ts';
import type { ReconstructedCall } from './reconstructed-call.ts';

export interface RecordingSettings {
  readonly channels: 'mono' | 'stereo';
  readonly sampleRateHz: 'auto' | number;
  /** kbit/s */
  readonly mp3Bitrate: number;
  readonly mp3Engine: 'wasm' | 'lamejs';
}

export interface RecordingFile extends WrittenFile {
  readonly format: AudioFormat;
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  readonly bitrateKbps?: number | undefined;
  readonly frames: number;
}

export function recordingName(callSid: string, format: AudioFormat): string {
  return `call_${callSid}_conversation.${describeFormat(format).extension}`;
}

/** Places, mixes and encodes a call's sound into one file. `events` is asked for the journal from its beginning. */
export async function renderRecording(
  call: ReconstructedCall,
  events: () => Iterable<CallEvent>,
  settings: RecordingSettings,
  where: { readonly target: string; readonly aside: string },
): Promise<RecordingFile> {
  const sampleRateHz = rateOf(call.format, settings);
  const channels = settings.channels === 'stereo' ? 2 : 1;
  const samples = Math.round(call.lengthMs * SAMPLES_PER_MS);
  const frames = Math.round((samples * sampleRateHz) / TELEPHONE_HZ);
  const { mp3Bitrate, mp3Engine } = settings;
  const encoder = await createEncoder(call.format, {
    sampleRateHz,
    channels,
    totalFrames: frames,
    mp3Bitrate,
    mp3Engine,
  });
  const file = new DurableFile(where.target, where.aside);
  try {
    for await (const pcm of converted(call, events, channels, sampleRateHz, frames))
      file.append(encoder.encode(pcm));
    const { tail, patches } = encoder.finish();
    file.append(tail);
    for (const patch of patches) file.patch(patch.offset, patch.bytes);
  } catch (error) {
    file.abandon();
    throw error;
  }
  const bitrateKbps = encoder.actualBitrateKbps;
  return {
    ...file.commit(),
    format: call.format,
    sampleRateHz,
    channels,
    frames,
    bitrateKbps,
  };
}

function rateOf(format: AudioFormat, settings: RecordingSettings): number {
  if (settings.sampleRateHz !== 'auto') return settings.sampleRateHz;
  return format === 'mp3' ? autoMp3RateHz(settings.mp3Bitrate) : TELEPHONE_HZ;
}

/** Interleaved samples at the file's rate, exactly `frames` of them. */
async function* converted(
  call: ReconstructedCall,
  events: () => Iterable<CallEvent>,
  channels: 1 | 2,
  rateHz: number,
  frames: number,
): AsyncGenerator<Int16Array> {
  const resample = rateHz !== TELEPHONE_HZ;
  if (resample) await loadResampler();
  const resampler = resample ? new Resampler({ fromHz: TELEPHONE_HZ, toHz: rateHz, channels }) : undefined;
  let written = 0;
  const exactly = (pcm: Int16Array): Int16Array => {
    const part = pcm.subarray(0, Math.min(pcm.length, (frames - written) * channels));
    written += part.length / channels;
    return part;
  };
  try {
    for (const block of layOutAudio(call, events())) {
      const pcm =
        channels === 2
          ? interleaveStereo(block.caller, block.assistant)
          : mixMono(block.caller, block.assistant);
      yield exactly(resampler ? resampler.process(pcm) : pcm);
    }
    if (resampler) yield exactly(resampler.flush());
    if (written < frames) yield new Int16Array((frames - written) * channels);
  } finally {
    resampler?.close();
  }
}
