import { describe, expect, it } from 'vitest';
import {
  ADVANCE_EVERY_MS,
  ENCODING_SLOTS,
  LiveEncoding,
  LONG_CALL_MS,
  type RecordingEncoder,
} from '../../../src/app/storage/live-encoding.ts';
import type { LiveProgress, LiveRecordingSettings } from '../../../src/records/recording/live-recording.ts';

/** Notes what it is asked to encode. */
class NotingEncoder implements RecordingEncoder {
  readonly advanced: string[] = [];
  readonly discarded: string[] = [];
  result: LiveProgress | 'failed' = 'current';
  held: Promise<void> = Promise.resolve();

  async advance(journal: string): Promise<LiveProgress | 'failed'> {
    this.advanced.push(journal);
    await this.held;
    return this.result;
  }

  discard(journal: string): Promise<void> {
    this.discarded.push(journal);
    return Promise.resolve();
  }
}

const SETTINGS: LiveRecordingSettings = {
  directory: '',
  temporary: '',
  channels: 'mono',
  sampleRateHz: 'auto',
  mp3Bitrate: 128,
  mp3Engine: 'wasm',
};

function scene() {
  const time = { nowMs: 0 };
  const encoder = new NotingEncoder();
  const encoding = new LiveEncoding({ encoder, settings: SETTINGS, clock: { now: () => time.nowMs } });
  /** Ticks as often as a step may be due. */
  const passes = async (ms: number): Promise<void> => {
    for (const until = time.nowMs + ms; time.nowMs < until; time.nowMs += 500) await encoding.tick();
  };
  return { encoder, encoding, passes };
}

describe('encoding during calls', () => {
  it('begins with the fourth minute of a call, and goes on at its pace', async () => {
    const { encoder, encoding, passes } = scene();
    encoding.begins('one');
    await passes(LONG_CALL_MS);
    expect(encoder.advanced).toEqual([]);
    await passes(3 * ADVANCE_EVERY_MS);
    expect(encoder.advanced).toEqual(['one', 'one', 'one']);
  });

  it('ends with the call, whose file is then completed with its other files', async () => {
    const { encoder, encoding, passes } = scene();
    encoding.begins('one');
    encoding.begins('short');
    encoding.ends('short');
    await passes(LONG_CALL_MS + 500);
    encoding.ends('one');
    await passes(60_000);
    expect(encoder.advanced).toEqual(['one']);
    expect(encoder.discarded).toEqual([]);
    await encoding.forget('one');
    await passes(60_000);
    expect([encoder.advanced, encoder.discarded]).toEqual([['one'], ['one']]);
  });

  it('catches up without a pause', async () => {
    const { encoder, encoding, passes } = scene();
    encoding.begins('one');
    encoder.result = 'behind';
    await passes(LONG_CALL_MS + 2_000);
    expect(encoder.advanced).toHaveLength(4);
  });

  it.each(['failed', 'unrecorded'] as const)('leaves a call alone whose recording is %s', async (result) => {
    const { encoder, encoding, passes } = scene();
    encoding.begins('one');
    encoder.result = result;
    await passes(LONG_CALL_MS + 60_000);
    expect(encoder.advanced).toEqual(['one']);
  });

  it('runs one step at a time, so that a call that ends does not wait', async () => {
    const { encoder, encoding, passes } = scene();
    let release = (): void => undefined;
    encoder.held = new Promise((resolve) => (release = resolve));
    encoding.begins('one');
    encoding.begins('two');
    await passes(LONG_CALL_MS);
    const first = encoding.tick();
    void encoding.tick();
    expect(encoder.advanced).toEqual(['one']);
    release();
    await first;
    await encoding.tick();
    expect(encoder.advanced).toEqual(['one', 'two']);
  });

  it('has a bounded number of calls in memory: the next one gets the place of a call whose files are written', async () => {
    const { encoder, encoding, passes } = scene();
    const all = Array.from({ length: ENCODING_SLOTS + 2 }, (_, index) => `call ${index}`);
    for (const journal of all) encoding.begins(journal);
    await passes(LONG_CALL_MS + 60_000);
    expect(new Set(encoder.advanced)).toEqual(new Set(all.slice(0, ENCODING_SLOTS)));
    encoding.ends('call 3');
    await passes(20_000);
    expect(new Set(encoder.advanced).size).toBe(ENCODING_SLOTS);
    await encoding.forget('call 3');
    await passes(20_000);
    expect(new Set(encoder.advanced).size).toBe(ENCODING_SLOTS + 1);
  });
});
