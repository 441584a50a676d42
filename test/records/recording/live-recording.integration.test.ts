import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AUDIO_FORMATS, type AudioFormat } from '../../../src/audio/formats/formats.ts';
import type { CallEvent } from '../../../src/events/call-events.ts';
import { reconstructCall } from '../../../src/records/reconstruct-call.ts';
import type { LiveRecordingSettings } from '../../../src/records/recording/live-recording.ts';
import { LiveRecordings } from '../../../src/records/recording/live-recordings.ts';
import { recordingName, renderRecording } from '../../../src/records/recording/render-recording.ts';
import { decodeSound } from '../../support/npm-decoders.ts';
import { TOLD_AT_MS, TOLD_SID, ToldCall } from '../told-call.ts';

const JOURNAL = 'a journal';
const SECONDS = 100;
const PLENTY = 2 ** 40;

let folder = '';
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'offhook-live-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const settings = (more: Partial<LiveRecordingSettings> = {}): LiveRecordingSettings => ({
  directory: folder,
  temporary: path.join(folder, 'aside'),
  channels: 'mono',
  sampleRateHz: 'auto',
  mp3Bitrate: 128,
  mp3Engine: 'wasm',
  ...more,
});

/** Both sides speak, replies are cut. */
function longCall(format: AudioFormat, recorded = true): ToldCall {
  const call = new ToldCall({ format, recorded });
  for (let second = 0; second < SECONDS; second += 10) {
    const ms = second * 1_000;
    call.caller(ms, 1_000).says(ms + 1_000, 4_000, { hz: 600 + second });
    call.caller(ms + 1_000, 2_000);
    if (second % 20 === 10) call.clears(ms + 3_000);
    call.caller(ms + 3_000, 2_500).caller(ms + 5_500, 4_500, 300 + second);
  }
  return call.ends(SECONDS * 1_000);
}

/** A journal of which a part is written. */
class GrowingJournal {
  readonly events: readonly CallEvent[];
  written = 0;

  constructor({ events }: ToldCall) {
    this.events = events;
  }

  *from(offset: number) {
    for (let at = offset; at < this.written; at += 1) yield { event: this.events[at]!, endsAt: at + 1 };
  }

  growTo(share: number): void {
    this.written = Math.floor(share * this.events.length);
  }
}

function recordingsOf(journal: GrowingJournal, freeBytes = () => PLENTY): LiveRecordings {
  return new LiveRecordings(() => (offset) => journal.from(offset), freeBytes);
}

async function encodedLive(call: ToldCall, options: LiveRecordingSettings): Promise<Buffer | undefined> {
  const journal = new GrowingJournal(call);
  const recordings = recordingsOf(journal);
  for (const share of [0.1, 0.6, 0.9]) {
    journal.growTo(share);
    while ((await recordings.advance(JOURNAL, options)) === 'behind');
  }
  journal.growTo(1);
  const recording = recordings.finish(JOURNAL, reconstructCall(call.events)!);
  return recording && readFileSync(recording.path);
}

async function encodedAfterwards(call: ToldCall, options: LiveRecordingSettings): Promise<Buffer> {
  const made = reconstructCall(call.events)!;
  const target = path.join(folder, 'afterwards');
  await renderRecording(made, () => call.events, options, { target, aside: options.temporary });
  return readFileSync(target);
}

const unfinished = (): string[] => readdirSync(path.join(folder, 'aside'));

describe('a recording that is encoded during its call', () => {
  const variants = [
    ...AUDIO_FORMATS.flatMap((format) =>
      (['mono', 'stereo'] as const).map((channels) => [format, { channels }] as const),
    ),
    ['mp3', { mp3Engine: 'lamejs' }] as const,
    ['wav', { sampleRateHz: 48_000 }] as const,
  ];
  it.each(variants)('has the bytes of one that is encoded after it: %s %j', async (format, more) => {
    const call = longCall(format);
    const options = settings(more);
    const live = await encodedLive(call, options);
    expect(live?.equals(await encodedAfterwards(call, options))).toBe(true);
    const { channels, sampleRateHz } = await decodeSound(path.join(folder, recordingName(TOLD_SID, format)));
    expect(channels[0]!.length / sampleRateHz).toBe(SECONDS);
    expect(unfinished()).toEqual([]);
  });

  it('is encoded before the end, except the half minute that waits for late frames', async () => {
    const journal = new GrowingJournal(longCall('wav'));
    const recordings = recordingsOf(journal);
    journal.growTo(0.95);
    expect(await recordings.advance(JOURNAL, settings())).toBe('behind');
    expect(await recordings.advance(JOURNAL, settings())).toBe('current');
    const bytes = readFileSync(path.join(folder, 'aside', unfinished()[0]!)).length;
    expect(bytes / 16_000).toBeGreaterThan(60);
  });

  it('begins anew when the format changes', async () => {
    const call = longCall('flac');
    const at = Math.floor(call.events.length / 2);
    call.events.splice(at, 0, { kind: 'format', atMs: call.events[at]!.atMs, format: 'ogg' });
    const live = await encodedLive(call, settings());
    expect(live?.equals(await encodedAfterwards(call, settings()))).toBe(true);
    expect(unfinished()).toEqual([]);
  });

  it('is not used when the format has changed since', async () => {
    const call = longCall('flac');
    call.tell({ kind: 'format', atMs: TOLD_AT_MS + SECONDS * 1_000, format: 'wav' });
    expect(await encodedLive(call, settings())).toBeUndefined();
    expect(unfinished()).toEqual([]);
  });

  it('is not used for a call that was otherwise', async () => {
    const journal = new GrowingJournal(longCall('wav'));
    const recordings = recordingsOf(journal);
    journal.growTo(0.9);
    while ((await recordings.advance(JOURNAL, settings())) === 'behind');
    const call = reconstructCall(journal.events)!;
    const [stream] = call.streams;
    const runs = stream!.runs.map((run, index) => (index === 2 ? { ...run, startMs: run.startMs + 1 } : run));
    journal.growTo(1);
    expect(recordings.finish(JOURNAL, { ...call, streams: [{ ...stream!, runs }] })).toBeUndefined();
    expect(unfinished()).toEqual([]);
  });

  it('is not begun without audio', async () => {
    const journal = new GrowingJournal(longCall('wav', false));
    journal.growTo(0.9);
    expect(await recordingsOf(journal).advance(JOURNAL, settings())).toBe('unrecorded');
    expect(unfinished()).toEqual([]);
  });

  it('is removed when the disk is nearly full: the journals come first', async () => {
    const journal = new GrowingJournal(longCall('wav'));
    let free = PLENTY;
    const recordings = recordingsOf(journal, () => free);
    journal.growTo(0.9);
    await recordings.advance(JOURNAL, settings());
    expect(unfinished()).toHaveLength(1);
    free = 1_000_000;
    await expect(recordings.advance(JOURNAL, settings())).rejects.toThrow('too little room');
    expect(unfinished()).toEqual([]);
    expect(recordings.finish(JOURNAL, reconstructCall(journal.events)!)).toBeUndefined();
  });

  it('replaces what a killed thread left', async () => {
    const journal = new GrowingJournal(longCall('mp3'));
    journal.growTo(0.9);
    await recordingsOf(journal).advance(JOURNAL, settings());
    writeFileSync(path.join(folder, 'aside', `call_${TOLD_SID}.json.1`), 'of another file');
    const left = unfinished();
    await recordingsOf(journal).advance(JOURNAL, settings());
    expect(unfinished()).toHaveLength(2);
    expect(unfinished().filter((name) => left.includes(name))).toEqual([`call_${TOLD_SID}.json.1`]);
  });
});
