import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createEncoder, type EncoderSettings } from '../src/audio/formats/encoder.ts';
import type { AudioFormat } from '../src/audio/formats/formats.ts';
import { interleaveStereo } from '../src/audio/mix.ts';
import { decodeMulaw, encodeMulaw } from '../src/audio/mulaw.ts';
import { loadResampler, Resampler } from '../src/audio/resampler.ts';
import { speechLike } from '../test/support/speech-like.ts';

/** User CPU time of one of our encoders, cold, compared with that of a native tool on the same sound. */
export interface EncoderRow {
  readonly name: string;
  readonly native: string;
  /** Medians over the rounds. Only the native tool's figure includes loading and startup. */
  readonly userSeconds: number;
  readonly nativeUserSeconds: number;
  readonly ratio: number;
  /** Seconds of sound per second of CPU time. */
  readonly timesRealTime: number;
  /** The maximum ratio, if there is one. */
  readonly goal: number | undefined;
}

interface Contest {
  readonly name: string;
  readonly sound: 'mono-8000' | 'stereo-8000' | 'mono-16000' | 'stereo-16000' | 'mono-24000';
  readonly ours: { readonly format: AudioFormat; readonly engine: 'wasm' | 'lamejs' } | 'resampler';
  /** {in} is a WAV file, {out} a file to write. */
  readonly native: string;
  /** The tool's other work, to be subtracted. */
  readonly nativeBase?: string;
  readonly goal?: number;
}

const FLAC = 'flac -s -f -5 -b 1152 --no-padding --no-seektable {in} -o {out}';
const LAME = 'lame --quiet -q 3 -b 128 {in} {out}';
const OGGENC = 'oggenc -Q -q 3 -o {out} {in}';
const WASM = 'wasm';
const CONTESTS: readonly Contest[] = [
  {
    name: 'mp3, 16 kHz mono',
    sound: 'mono-16000',
    ours: { format: 'mp3', engine: WASM },
    native: LAME,
    goal: 1.6,
  },
  {
    name: 'mp3, 16 kHz stereo',
    sound: 'stereo-16000',
    ours: { format: 'mp3', engine: WASM },
    native: LAME,
    goal: 1.75,
  },
  {
    name: 'mp3 (lamejs), 16 kHz mono',
    sound: 'mono-16000',
    ours: { format: 'mp3', engine: 'lamejs' },
    native: LAME,
    goal: 7,
  },
  {
    name: 'ogg, 8 kHz mono',
    sound: 'mono-8000',
    ours: { format: 'ogg', engine: WASM },
    native: OGGENC,
    goal: 1.7,
  },
  {
    name: 'ogg, 8 kHz stereo',
    sound: 'stereo-8000',
    ours: { format: 'ogg', engine: WASM },
    native: OGGENC,
    goal: 1.7,
  },
  {
    name: 'flac, 8 kHz mono',
    sound: 'mono-8000',
    ours: { format: 'flac', engine: WASM },
    native: FLAC,
    goal: 5,
  },
  {
    name: 'flac, 8 kHz stereo',
    sound: 'stereo-8000',
    ours: { format: 'flac', engine: WASM },
    native: FLAC,
    goal: 5,
  },
  {
    name: 'wav, 8 kHz mono',
    sound: 'mono-8000',
    ours: { format: 'wav', engine: WASM },
    native: 'sox {in} {out}.wav',
  },
  {
    name: 'resampler, 24 to 8 kHz, 20 ms frames',
    sound: 'mono-24000',
    ours: 'resampler',
    native: 'sox {in} {out}.wav rate -h 8000',
    nativeBase: 'sox {in} {out}.wav',
    goal: 2,
  },
];

/** Runs every comparison `rounds` times, each in a separate process, on `seconds` of speech-like sound. */
export async function benchEncoders({ rounds = 5, seconds = 300 } = {}): Promise<EncoderRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'offhook-bench-'));
  try {
    await makeSounds(folder, seconds);
    const ours = CONTESTS.map((): number[] => []);
    const natives = CONTESTS.map((): number[] => []);
    for (let round = 0; round < rounds; round++) {
      CONTESTS.forEach((contest, i) => {
        ours[i]!.push(ownSeconds(i, soundFile(folder, contest.sound)));
        natives[i]!.push(nativeSeconds(contest, folder));
      });
    }
    return CONTESTS.map(({ name, native, goal }, i) => {
      const [userSeconds, nativeUserSeconds] = [median(ours[i]!), median(natives[i]!)];
      const ratio = userSeconds / Math.max(nativeUserSeconds, 0.001);
      return {
        name,
        native,
        userSeconds,
        nativeUserSeconds,
        ratio,
        timesRealTime: seconds / userSeconds,
        goal,
      };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A call of two voices as carried by the telephone, at each of the rates. */
async function makeSounds(folder: string, seconds: number): Promise<void> {
  await loadResampler();
  const [left, right] = [1, 2].map((voice) => decodeMulaw(encodeMulaw(speechLike(seconds, 8_000, voice))));
  for (const rateHz of [8_000, 16_000, 24_000]) {
    const [one, other] = [left!, right!].map((side) => resampled(side, rateHz));
    await writeSound(folder, `mono-${rateHz}`, one!, rateHz, 1);
    await writeSound(folder, `stereo-${rateHz}`, interleaveStereo(one!, other!), rateHz, 2);
  }
}

function resampled(pcm: Int16Array, toHz: number): Int16Array {
  const resampler = new Resampler({ fromHz: 8_000, toHz });
  const [body, end] = [resampler.process(pcm), resampler.flush()];
  resampler.close();
  const whole = new Int16Array(body.length + end.length);
  whole.set(body);
  whole.set(end, body.length);
  return whole;
}

const WAV_HEADER_BYTES = 44;
const soundFile = (folder: string, sound: string): string => join(folder, `${sound}.wav`);

async function writeSound(
  folder: string,
  name: string,
  pcm: Int16Array,
  sampleRateHz: number,
  channels: 1 | 2,
) {
  const encoder = await createEncoder('wav', settingsFor(pcm, sampleRateHz, channels, WASM));
  const bytes = Buffer.concat([encoder.encode(pcm)]);
  for (const patch of encoder.finish().patches) bytes.set(patch.bytes, patch.offset);
  writeFileSync(soundFile(folder, name), bytes);
}

function settingsFor(
  pcm: Int16Array,
  sampleRateHz: number,
  channels: 1 | 2,
  mp3Engine: 'wasm' | 'lamejs',
): EncoderSettings {
  return { sampleRateHz, channels, totalFrames: pcm.length / channels, mp3Bitrate: 128, mp3Engine };
}

/** Runs comparison `index` in a new process, which prints its seconds. */
function ownSeconds(index: number, file: string): number {
  const run = spawnSync(process.execPath, [
    '--import',
    'tsx',
    fileURLToPath(import.meta.url),
    String(index),
    file,
  ]);
  if (run.status !== 0) throw new Error(run.stderr.toString());
  return Number(run.stdout.toString());
}

function nativeSeconds(contest: Contest, folder: string): number {
  const base = contest.nativeBase === undefined ? 0 : shellSeconds(contest.nativeBase, contest, folder);
  return shellSeconds(contest.native, contest, folder) - base;
}

/** User CPU seconds of a command, as measured by the shell. */
function shellSeconds(command: string, contest: Contest, folder: string): number {
  const filled = command
    .replace('{in}', soundFile(folder, contest.sound))
    .replace('{out}', join(folder, 'native-out'));
  const run = spawnSync('bash', ['-c', `${filled} && times`]);
  if (run.status !== 0) throw new Error(`${filled}: ${run.stderr.toString()}`);
  const [, minutes, rest] = /\n(\d+)m([\d.]+)s/.exec(run.stdout.toString()) ?? [];
  return 60 * Number(minutes) + Number(rest);
}

/** Our side of one comparison: prints the user CPU seconds of the work, without loading and startup. */
async function runOurs(contest: Contest, file: string): Promise<void> {
  const bytes = readFileSync(file);
  const pcm = new Int16Array(
    bytes.buffer.slice(bytes.byteOffset + WAV_HEADER_BYTES, bytes.byteOffset + bytes.length),
  );
  const [layout, rate] = contest.sound.split('-');
  const channels = layout === 'stereo' ? 2 : 1;
  if (contest.ours === 'resampler') {
    await loadResampler();
    const resampler = new Resampler({ fromHz: Number(rate), toHz: 8_000 });
    const frame = (Number(rate) / 1_000) * 20;
    const from = process.cpuUsage();
    for (let at = 0; at < pcm.length; at += frame) resampler.process(pcm.subarray(at, at + frame));
    resampler.flush();
    return printSeconds(from);
  }
  const { format, engine } = contest.ours;
  const encoder = await createEncoder(format, settingsFor(pcm, Number(rate), channels, engine));
  const second = Number(rate) * channels;
  const from = process.cpuUsage();
  for (let at = 0; at < pcm.length; at += second) encoder.encode(pcm.subarray(at, at + second));
  encoder.finish();
  printSeconds(from);
}

function printSeconds(from: NodeJS.CpuUsage): void {
  process.stdout.write(String(process.cpuUsage(from).user / 1e6));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** Formats the rows as a table. */
export function encoderTable(rows: readonly EncoderRow[]): string {
  const lines = rows.map((row) =>
    [
      row.name.padEnd(38),
      `${row.userSeconds.toFixed(3)} s`.padStart(9),
      `${row.nativeUserSeconds.toFixed(3)} s`.padStart(9),
      `${row.ratio.toFixed(2)}x`.padStart(7),
      (row.goal === undefined ? '' : `≤ ${row.goal}`).padStart(7),
      `${Math.round(row.timesRealTime)}x`.padStart(8),
      `  ${row.native.split(' ')[0]}`,
    ].join(''),
  );
  return [`${''.padEnd(38)}     user   native  ratio   goal  realtime  against`, ...lines].join('\n');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [index, file] = process.argv.slice(2);
  if (index !== undefined && file !== undefined) await runOurs(CONTESTS[Number(index)]!, file);
  else console.log(encoderTable(await benchEncoders()));
}
