import { decodeMulaw } from '../../src/audio/mulaw.ts';
import type { StreamReport } from '../../src/simulator/call-report.ts';
import { ffprobe } from '../support/ffprobe.ts';
import { findPieces, type FoundPiece, piecesOf, strayMs } from '../support/heard-pieces.ts';
import { ffmpegDecode, flacDecode, soxDecode } from '../support/tool-decoders.ts';
import type { PlayedVariant } from './run-variants.ts';

/** What a variant's recording is like, against what Twilio played. Milliseconds. */
export interface Measured {
  readonly name: string;
  readonly boundMs: number;
  readonly callerBoundMs?: number;
  /** By ffprobe, less the length of the stream. */
  readonly lengthErrorMs: number;
  /** By decoding the whole file. */
  readonly decodedErrorMs: number;
  /** Only of stereo recordings. */
  readonly assistant?: Side;
  readonly caller?: Side;
}

export interface Side {
  readonly pieces: readonly FoundPiece[];
  /** Sound where nobody was to be heard, beyond the bound. */
  readonly strayMs: number;
}

/** The caller's pieces lie where they were to the sample; this is one. Of two joined streams the join is measured too. */
const SAMPLE_MS = 0.125;
/** Above the peaks of the scripted calls' line noise of -60 dBFS. */
const LINE_NOISE = 150;

export function measureVariant({ variant, report, offhook }: PlayedVariant): Measured {
  const { audio } = offhook.json(report.callSid);
  if (!audio) throw new Error('there is no recording');
  const file = offhook.fileOf(audio.file);
  const [first, last] = [report.streams[0]!, report.streams.at(-1)!];
  const lengthMs = last.startedAtMs - first.startedAtMs + last.lengthMs;
  const probe = ffprobe(file);
  const samples = decoderOf(variant.format)(file);
  const measured = {
    ...{ name: variant.name, boundMs: variant.boundMs },
    lengthErrorMs: (probe.durationS ?? 0) * 1_000 - lengthMs,
    decodedErrorMs: (samples.length / probe.channels / probe.sampleRateHz) * 1_000 - lengthMs,
  };
  if (variant.channels === 'mono') return measured;
  const side = (track: Track, channel: number, toleranceMs: number, floor: number): Side => {
    const recorded = Int16Array.from({ length: samples.length / 2 }, (_, i) => samples[2 * i + channel]!);
    const pieces = report.streams.flatMap((stream) =>
      findPieces(decodeMulaw(track(stream)), recorded, stream.startedAtMs - first.startedAtMs, floor),
    );
    const played = piecesOf(joined(report.streams, track), floor);
    return { pieces, strayMs: strayMs(recorded, played, toleranceMs, floor) };
  };
  const callerBoundMs = report.streams.length > 1 ? variant.boundMs : SAMPLE_MS;
  return {
    ...measured,
    callerBoundMs,
    assistant: side((stream) => stream.playedAssistant, 1, variant.boundMs, 0),
    caller: side((stream) => stream.callerTrack, 0, callerBoundMs, LINE_NOISE),
  };
}

type Track = (stream: StreamReport) => Uint8Array;

function decoderOf(format: string): (file: string) => Int16Array {
  if (format === 'flac') return flacDecode;
  return format === 'wav' ? soxDecode : ffmpegDecode;
}

/** One side of all streams of a call, each from its beginning on. */
function joined(streams: readonly StreamReport[], track: Track): Int16Array {
  const startOf = (stream: StreamReport): number =>
    Math.round((stream.startedAtMs - streams[0]!.startedAtMs) * 8);
  const last = streams.at(-1)!;
  const pcm = new Int16Array(startOf(last) + track(last).length);
  for (const stream of streams) pcm.set(decodeMulaw(track(stream)), startOf(stream));
  return pcm;
}
