import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CompressedStream } from '../../audio/decoders/compressed-stream.ts';
import type { AudioStream } from '../../audio/decoders/pcm-piece.ts';
import type { AudioFormat } from '../../audio/formats/formats.ts';
import { WavStream } from '../../audio/wav/wav-stream.ts';
import type { CallEvent } from '../../events/call-events.ts';
import { callRecordName } from '../../storage/file-names.ts';
import type { CallRecord } from '../call-record.ts';
import { reconstructCall } from '../reconstruct-call.ts';
import { renderRecording } from '../recording/render-recording.ts';
import type { TranscriptTurn } from '../text/transcript.ts';
import { SoundMeter } from './sound-meter.ts';

/** The result of one check of a call's files. */
export interface CallCheck {
  readonly what: 'files' | 'recording' | 'length' | 'level' | 'speech' | 'placement';
  readonly verdict: 'ok' | 'fail' | 'not checked';
  readonly found: string;
}

export interface CallToVerify {
  /** Where the files are. */
  readonly directory: string;
  readonly record: CallRecord;
  /** Reads the call's journal from its beginning; undefined: it was deleted. */
  readonly events?: (() => Iterable<CallEvent>) | undefined;
  readonly mp3Engine: 'wasm' | 'lamejs';
}

/** Decoders add or drop a part of a frame: 576 samples at 8,000 Hz. */
const LENGTH_TOLERANCE_MS = 80;
const TOO_QUIET_DBFS = -45;
const AUDIBLE_DBFS = -55;
const MAX_CLIPPED = 0.01;
const READ_BYTES = 256 * 1024;

/** Checks the files of a finished call with decoders of their own. Never throws for what is in the files. */
export async function verifyCall(call: CallToVerify): Promise<CallCheck[]> {
  const { record, directory } = call;
  const files = checkFiles(call);
  const { audio } = record;
  if (audio === null)
    return [files, { what: 'recording', verdict: 'not checked', found: 'the call was not recorded' }];
  const file = path.join(directory, audio.file);
  if (!existsSync(file)) {
    const place = audio.url ?? record.store;
    const verdict = place === undefined ? 'fail' : 'not checked';
    return [
      files,
      {
        what: 'recording',
        verdict,
        found: `${audio.file} is ${place === undefined ? 'missing' : `at ${place}`}`,
      },
    ];
  }
  const meter = new SoundMeter();
  let sha256: string;
  try {
    sha256 = await measure(file, audio.format, meter);
  } catch (error) {
    const found = `${audio.file} cannot be decoded: ${error instanceof Error ? error.message : String(error)}`;
    return [files, { what: 'recording', verdict: 'fail', found }];
  }
  return [
    files,
    checkSum(audio, sha256, statSync(file).size),
    checkLength(audio, meter),
    checkLevel(record, meter),
    checkSpeech(record, meter),
    await checkPlacement(call, sha256),
  ];
}

function checkFiles({ directory, record }: CallToVerify): CallCheck {
  const what = 'files';
  const names = [record.files.transcript, record.files.summary, callRecordName(record.callSid)];
  const missing = names.filter((name) => !existsSync(path.join(directory, name)));
  if (missing.length === 0)
    return { what, verdict: 'ok', found: `transcript, summary and ${names[2]} are there` };
  if (record.store !== undefined)
    return { what, verdict: 'not checked', found: `at ${record.store}: ${missing.join(', ')}` };
  return { what, verdict: 'fail', found: `missing: ${missing.join(', ')}` };
}

/** Decodes a file; returns its SHA-256. */
async function measure(file: string, format: AudioFormat, meter: SoundMeter): Promise<string> {
  const decoder: AudioStream =
    format === 'wav' ? new WavStream() : new CompressedStream(format === 'ogg' ? 'ogg-vorbis' : format);
  const hash = createHash('sha256');
  const descriptor = openSync(file, 'r');
  try {
    for (;;) {
      const bytes = Buffer.alloc(READ_BYTES);
      const length = readSync(descriptor, bytes);
      if (length === 0) break;
      const portion = bytes.subarray(0, length);
      hash.update(portion);
      for (const { pcm, sampleRateHz } of await decoder.read(portion)) meter.add(pcm, sampleRateHz);
    }
    for (const { pcm, sampleRateHz } of await decoder.end()) meter.add(pcm, sampleRateHz);
    return hash.digest('hex');
  } finally {
    closeSync(descriptor);
    decoder.close();
  }
}

type RecordedAudio = NonNullable<CallRecord['audio']>;

function checkSum(audio: RecordedAudio, sha256: string, sizeBytes: number): CallCheck {
  const what = 'recording';
  if (sha256 === audio.sha256)
    return { what, verdict: 'ok', found: `${audio.file} has the recorded checksum` };
  const found = `${audio.file} was changed after it was written (${sizeBytes} bytes, recorded ${audio.sizeBytes})`;
  return { what, verdict: 'fail', found };
}

function checkLength(audio: RecordedAudio, meter: SoundMeter): CallCheck {
  const expectedMs = (audio.frames * 1_000) / audio.sampleRateHz;
  const differenceMs = Math.abs(meter.lengthMs - expectedMs);
  const isRight = differenceMs <= LENGTH_TOLERANCE_MS && meter.rateHz === audio.sampleRateHz;
  const found = `${(meter.lengthMs / 1_000).toFixed(2)} s at ${meter.rateHz} Hz, recorded ${(expectedMs / 1_000).toFixed(2)} s at ${audio.sampleRateHz} Hz`;
  return { what: 'length', verdict: isRight ? 'ok' : 'fail', found };
}

function checkLevel({ turns }: CallRecord, meter: SoundMeter): CallCheck {
  const what = 'level';
  const found = `peak ${meter.peakDbfs.toFixed(1)} dB, ${(meter.clippedShare * 100).toFixed(2)} % of the samples at full scale`;
  if (spokenTurns(turns).length === 0)
    return { what, verdict: 'not checked', found: `the call has no speech; ${found}` };
  const isRight = meter.peakDbfs > TOO_QUIET_DBFS && meter.clippedShare < MAX_CLIPPED;
  return { what, verdict: isRight ? 'ok' : 'fail', found };
}

/** Each turn of the transcript has sound at its time. */
function checkSpeech({ turns }: CallRecord, meter: SoundMeter): CallCheck {
  const what = 'speech';
  const spoken = spokenTurns(turns);
  if (spoken.length === 0) return { what, verdict: 'not checked', found: 'the call has no speech' };
  const silent = spoken.filter(({ startMs, endMs }) => meter.loudestDbfs(startMs, endMs) < AUDIBLE_DBFS);
  if (silent.length === 0)
    return { what, verdict: 'ok', found: `all ${spoken.length} turns have sound at their times` };
  return {
    what,
    verdict: 'fail',
    found: `no sound at the times of ${silent.map(({ id }) => id).join(', ')}`,
  };
}

function spokenTurns(turns: readonly TranscriptTurn[]): TranscriptTurn[] {
  return turns.filter(
    ({ kind, text, startMs, endMs }) => kind === 'speech' && text !== '' && endMs > startMs,
  );
}

/** Renders the recording from the journal again: the same journal gives the same bytes. */
async function checkPlacement(
  { events, record, mp3Engine }: CallToVerify,
  sha256: string,
): Promise<CallCheck> {
  const what = 'placement';
  const audio = record.audio!;
  const call = events && reconstructCall(events());
  if (!events || !call) {
    const found = 'the journal was deleted when the files were complete; KEEP_JOURNALS=true keeps it';
    return { what, verdict: 'not checked', found };
  }
  const aside = mkdtempSync(path.join(tmpdir(), 'offhook-verify-'));
  try {
    const settings = {
      channels: audio.channels === 2 ? 'stereo' : 'mono',
      sampleRateHz: audio.sampleRateHz,
      mp3Bitrate: audio.bitrateKbps ?? 128,
      mp3Engine,
    } as const;
    const again = { ...call, format: audio.format };
    const where = { target: path.join(aside, audio.file), aside };
    const { sha256: rendered } = await renderRecording(again, events, settings, where);
    if (rendered === sha256)
      return {
        what,
        verdict: 'ok',
        found: 'rendered from the journal again, the recording is the same to the byte',
      };
    return { what, verdict: 'fail', found: 'rendered from the journal again, the recording differs' };
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}
