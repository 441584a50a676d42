import { runTool } from './run-tool.ts';

export interface Probe {
  readonly codec: string;
  readonly sampleRateHz: number;
  readonly channels: number;
  /** Undefined where the file does not say. */
  readonly durationS: number | undefined;
  readonly bitrateBps: number | undefined;
}

/** What ffprobe says of a sound file's first stream; throws when it complains. */
export function ffprobe(file: string): Probe {
  const { stdout, stderr } = runTool('ffprobe', [
    ...['-v', 'error', '-of', 'json', '-select_streams', 'a:0', '-show_streams', file],
  ]);
  if (stderr !== '') throw new Error(`ffprobe complains: ${stderr}`);
  const { streams } = JSON.parse(stdout.toString()) as { streams: Record<string, string | number>[] };
  const stream = streams[0]!;
  const numberOf = (value: string | number | undefined): number | undefined =>
    value === undefined ? undefined : Number(value);
  return {
    codec: String(stream['codec_name']),
    sampleRateHz: Number(stream['sample_rate']),
    channels: Number(stream['channels']),
    durationS: numberOf(stream['duration']),
    bitrateBps: numberOf(stream['bit_rate']),
  };
}
