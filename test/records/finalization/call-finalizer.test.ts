import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ServiceError } from '../../../src/call/ports.ts';
import { writeCallFiles } from '../../../src/records/write-call-files.ts';
import { finishing, fullDisk, kinds, never, summarizerOf, transcriberOf } from './finalizing-scene.ts';
import { TOLD_AT_MS, ToldCall, usualCall } from '../told-call.ts';

/** A call that lacks nothing but its summary. */
const textedCall = (): ToldCall =>
  new ToldCall()
    .caller(0, 2_000, 440)
    .turn(1, 0, 2_000, 'My name is Peter Collins.')
    .caller(2_000, 1_000)
    .ends(3_000);

let folder = '';
/** The first recording of a process loads the encoder, which takes real time. */
beforeAll(async () => {
  const scene = mkdtempSync(path.join(tmpdir(), 'offhook-finish-'));
  const sound = { channels: 'mono', sampleRateHz: 'auto', mp3Bitrate: 128, mp3Engine: 'wasm' } as const;
  await writeCallFiles(() => usualCall().events, {
    ...sound,
    directory: scene,
    temporary: path.join(scene, '.offhook'),
  });
  rmSync(scene, { recursive: true, force: true });
});
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'offhook-finish-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('CallFinalizer', () => {
  it('reads the journal of a complete call twice: once to reconstruct it, once for its audio', async () => {
    const scene = finishing(folder, { call: textedCall() });
    await scene.pass(500);
    expect(scene.journal.closed).toEqual(['removed']);
    expect(scene.reads()).toBe(2);
  });

  it('does not read the journal again after adding the summary', async () => {
    const summarizer = summarizerOf(() => Promise.resolve('About an invoice.'));
    const scene = finishing(folder, { call: textedCall(), services: { summarizer } });
    await scene.pass(500);
    expect(scene.summary()).toContain('Summary: About an invoice.');
    expect(scene.reads()).toBe(2);
  });

  it('reads the journal once more for each utterance that has no text', async () => {
    const transcriber = transcriberOf(() => Promise.resolve('Only Saturday.'));
    const scene = finishing(folder, { services: { transcriber } });
    await scene.pass(500);
    expect(scene.text()).toContain('Caller: Only Saturday.');
    expect(scene.reads()).toBe(3);
  });

  it('fetches the missing text and the summary, writes the files once and removes the journal', async () => {
    const shown: (readonly string[])[] = [];
    const scene = finishing(folder, {
      services: {
        transcriber: transcriberOf(() => Promise.resolve('Only Saturday.')),
        summarizer: summarizerOf((_, lines) => {
          shown.push(lines);
          return Promise.resolve('About an invoice.');
        }),
      },
    });
    await scene.pass(1_000);
    expect(scene.filesAtMs()).toBeLessThanOrEqual(1_000);
    expect(scene.text()).toContain('Caller: Only Saturday.');
    expect(scene.summary()).toContain('Summary: About an invoice.');
    expect(shown[0]!.some((line) => line.includes('Only Saturday.'))).toBe(true);
    expect(kinds(scene.news)).toEqual(['finished']);
    expect(scene.journal.closed).toEqual(['removed']);
    expect(scene.finisher.unfinished).toBe(0);
  });

  it('keeps the journal if that is configured', async () => {
    const call = new ToldCall().caller(0, 1_000).ends(1_000);
    const scene = finishing(folder, { call, keepJournals: true });
    await scene.pass(500);
    expect(scene.journal.closed).toEqual(['kept']);
  });

  it('waits for requested texts, at most FINISH_WAIT_MS', async () => {
    const call = usualCall();
    let settle = (): void => undefined;
    const settled = new Promise<void>((resolve) => (settle = resolve));
    const soon = finishing(folder, { call, settled });
    await soon.pass(4_000);
    expect(soon.filesAtMs()).toBeUndefined();
    call.tell({ kind: 'text', atMs: soon.clock.nowMs, turn: 2, text: 'Just in time.' });
    settle();
    await soon.pass(500);
    expect(soon.text()).toContain('Just in time.');

    const late = finishing(folder, { settled: new Promise(() => undefined) });
    await late.pass(14_800);
    expect(late.filesAtMs()).toBeUndefined();
    await late.pass(700);
    expect(late.given).toEqual([15_000]);
    expect(late.filesAtMs()).toBeLessThan(16_000);
    expect(late.text()).toContain('[not yet transcribed]');
  });

  it('marks late texts, continues to request them in the background, and replaces the files', async () => {
    const transcriber = transcriberOf((asked) =>
      asked < 3 ? Promise.reject(new Error('down')) : Promise.resolve('Here at last.'),
    );
    const scene = finishing(folder, { services: { transcriber } });
    await scene.pass(1_000);
    expect(scene.text()).toContain('[not yet transcribed]');
    expect(scene.filesAtMs()).toBeLessThanOrEqual(1_000);
    expect(scene.journal.closed).toEqual([]);
    await scene.pass(200_000);
    expect(transcriber.asked).toBe(3);
    expect(scene.text()).toContain('Caller: Here at last.');
    expect(scene.text()).not.toContain('[not');
    expect(scene.journal.closed).toEqual(['removed']);
    expect(kinds(scene.news).filter((kind) => kind === 'finished').length).toBe(2);
  });

  it('does not write unchanged files again', async () => {
    const transcriber = transcriberOf(() => Promise.reject(new Error('down')));
    const scene = finishing(folder, { services: { transcriber } });
    await scene.pass(3_600_000);
    expect(transcriber.asked).toBeGreaterThan(5);
    expect(transcriber.asked).toBeLessThan(15);
    expect(kinds(scene.news).filter((kind) => kind === 'finished').length).toBe(1);
  });

  it('sends no requests when the time is over, and gives services their time in the background', async () => {
    const transcriber = transcriberOf(never);
    const scene = finishing(folder, { services: { transcriber }, finishWaitMs: 0 });
    await scene.pass(1_000);
    expect(scene.filesAtMs()).toBeLessThanOrEqual(300);
    expect(transcriber.asked).toBe(0);
    await scene.pass(31_000);
    expect(transcriber.asked).toBe(1);
    await scene.pass(50_000);
    expect(scene.journal.closed).toEqual([]);
  });

  it('uses an extractive summary while the chat model fails, and replaces it later', async () => {
    const summarizer = summarizerOf((asked) =>
      asked === 1 ? Promise.reject(new Error('down')) : Promise.resolve('Peter Collins called.'),
    );
    const scene = finishing(folder, { call: textedCall(), services: { summarizer } });
    await scene.pass(1_000);
    expect(scene.summary()).toContain('Names: Peter Collins.');
    await scene.pass(60_000);
    expect(scene.summary()).toContain('Summary: Peter Collins called.');
    expect(scene.journal.closed).toEqual(['removed']);
  });

  it('accepts an empty answer of the chat model once: the extractive summary is kept', async () => {
    const summarizer = summarizerOf(() => Promise.resolve(''));
    const scene = finishing(folder, { call: textedCall(), services: { summarizer } });
    await scene.pass(1_000);
    expect(summarizer.asked).toBe(1);
    expect(scene.summary()).toContain('Names: Peter Collins.');
    expect(scene.journal.closed).toEqual(['removed']);
    expect(kinds(scene.news)).toEqual(['summarizing', 'finished']);
  });

  it('requests the summary again if the call has new texts after an empty answer', async () => {
    const summarizer = summarizerOf((asked) => Promise.resolve(asked === 1 ? '' : 'About Saturday.'));
    const transcriber = transcriberOf((asked) =>
      asked === 1 ? Promise.reject(new Error('down')) : Promise.resolve('Only Saturday.'),
    );
    const scene = finishing(folder, { services: { summarizer, transcriber } });
    await scene.pass(40_000);
    expect([transcriber.asked, summarizer.asked]).toEqual([2, 2]);
    expect(scene.summary()).toContain('Summary: About Saturday.');
  });

  it.each([
    ['stops requesting the summary if the chat model refuses repeatedly', false],
    ['requests the summary without a limit while the chat model is down', true],
  ])('%s', async (_, transient) => {
    const summarizer = summarizerOf(() =>
      Promise.reject(new ServiceError('chat', 'summarizing a call', { transient })),
    );
    const scene = finishing(folder, { call: textedCall(), services: { summarizer } });
    await scene.pass(3_000_000);
    expect(scene.journal.closed).toEqual([]);
    await scene.pass(4_000_000);
    expect(scene.journal.closed).toEqual(transient ? [] : ['removed']);
    expect(summarizer.asked > 12).toBe(transient);
    expect(scene.summary()).toContain('Names: Peter Collins.');
  });

  it('writes the files even if a service never answers', async () => {
    const services = { transcriber: transcriberOf(never), summarizer: summarizerOf(never) };
    const scene = finishing(folder, { services });
    await scene.pass(15_500);
    expect(scene.filesAtMs()).toBeLessThanOrEqual(15_500);
    expect(scene.text()).toContain('[not yet transcribed]');
  });

  it('retries until the disk accepts the files, and loses nothing', async () => {
    const call = usualCall().tell({ kind: 'text', atMs: TOLD_AT_MS + 16_000, turn: 2, text: 'Saturday.' });
    const scene = finishing(folder, { call });
    scene.disk.refuses = true;
    await scene.pass(30_000);
    expect(scene.filesAtMs()).toBeUndefined();
    expect(scene.journal.closed).toEqual([]);
    expect(kinds(scene.news)).toContain('writing the files');
    scene.disk.refuses = false;
    await scene.pass(21_000);
    expect(scene.text()).toContain('Saturday.');
    expect(scene.journal.closed).toEqual(['removed']);
  });

  it('retries a full disk with backoff, at least once a minute', async () => {
    const scene = finishing(folder, {});
    scene.disk.refuses = true;
    await scene.pass(600_000);
    const tries = kinds(scene.news).filter((kind) => kind === 'writing the files').length;
    // After 0, 5, 15, 35, 75, 135 s and each minute after that.
    expect(tries).toBeGreaterThanOrEqual(12);
    expect(tries).toBeLessThanOrEqual(14);
  });

  it.each([
    ['a programming error', new RangeError('MP3 is written at 8000 Hz')],
    ['a corrupt journal', new SyntaxError('Unexpected token')],
    ['an error that names no cause in the system', new Error('libFLAC could not encode')],
  ])('reports %s once, does not retry it and keeps the journal', async (_, error) => {
    const scene = finishing(folder, {});
    scene.disk.refuses = true;
    scene.disk.error = () => error;
    await scene.pass(3_600_000);
    expect(scene.news).toEqual([
      expect.objectContaining({ kind: 'unwritten', doing: 'writing the files', error }),
    ]);
    expect(scene.journal.closed).toEqual(['pending']);
    expect(scene.finisher.unfinished).toBe(0);
  });

  it('retries to close the journal until the disk accepts it, and the call counts as finished meanwhile', async () => {
    const scene = finishing(folder, { call: textedCall() });
    scene.journal.closeFails = fullDisk();
    await scene.pass(20_000);
    expect(scene.filesAtMs()).toBeDefined();
    expect(scene.news.map(({ kind }) => kind)).toEqual(['finished', 'unclosed', 'unclosed', 'unclosed']);
    scene.journal.closeFails = undefined;
    await scene.pass(20_000);
    expect(scene.journal.closed).toEqual(['removed']);
    expect(scene.finisher.unfinished).toBe(0);
  });

  it.each(['EISDIR', 'ENOSPC'])(
    'leaves the journal to the next start after %s when it stops',
    async (code) => {
      const scene = finishing(folder, { call: textedCall() });
      scene.journal.closeFails = Object.assign(new Error('close'), { code });
      await scene.pass(1_000);
      await scene.finisher.stop();
      expect(scene.news.filter(({ kind }) => kind === 'unclosed')).toHaveLength(code === 'EISDIR' ? 1 : 2);
      expect(scene.finisher.unfinished).toBe(0);
    },
  );

  it('does not remove a journal that is not on disk yet', async () => {
    const scene = finishing(folder, {});
    scene.journal.diskFull = true;
    await scene.pass(20_000);
    expect(scene.journal.closed).toEqual([]);
    expect(kinds(scene.news)).toContain('settling');
    scene.journal.diskFull = false;
    await scene.pass(21_000);
    expect(scene.filesAtMs()).toBeDefined();
    expect(scene.journal.closed).not.toContain('removed');
  });

  it('writes the files and leaves the journal pending if there is no transcriber', async () => {
    const scene = finishing(folder, {
      services: { summarizer: summarizerOf(() => Promise.resolve('Summed up.')) },
    });
    await scene.pass(1_000);
    expect(scene.text()).toContain('[not yet transcribed]');
    expect(scene.summary()).toContain('Summed up.');
    expect(scene.journal.closed).toEqual(['pending']);
    expect(scene.finisher.unfinished).toBe(0);
  });

  it('gives up on texts after PENDING_DAYS', async () => {
    const transcriber = transcriberOf(() => Promise.reject(new Error('down')));
    const scene = finishing(folder, { services: { transcriber }, pendingDays: 600 / 86_400 });
    await scene.pass(500_000);
    expect(scene.journal.closed).toEqual([]);
    await scene.pass(700_000);
    expect(scene.text()).toContain('[not transcribed]');
    expect(scene.journal.closed).toEqual(['removed']);
  });

  it('transcribes audio from memory if recording is off, or marks it as not transcribable', async () => {
    const transcriber = transcriberOf(() => Promise.resolve('From memory.'));
    const untranscribed = { wav: new Uint8Array(44), durationMs: 0 };
    const held = finishing(folder, {
      call: usualCall({ recorded: false }),
      services: { transcriber },
      untranscribed,
    });
    await held.pass(1_000);
    expect(held.text()).toContain('Caller: From memory.');
    rmSync(folder, { recursive: true });
    const lost = finishing(folder, { call: usualCall({ recorded: false }), services: { transcriber } });
    await lost.pass(1_000);
    expect(lost.text()).toContain('[not transcribed]');
    expect(lost.journal.closed).toEqual(['removed']);
  });

  it('writes the available data within seconds when the server stops, and leaves the rest to the next start', async () => {
    const scene = finishing(folder, {
      services: { transcriber: transcriberOf(never) },
      settled: new Promise(() => undefined),
    });
    await scene.pass(1_000);
    const stopped = scene.finisher.stop().then(() => scene.clock.nowMs);
    const askedAtMs = scene.clock.nowMs;
    await scene.pass(5_000);
    expect((await stopped) - askedAtMs).toBeLessThanOrEqual(4_000);
    expect(scene.text()).toContain('[not yet transcribed]');
    expect(scene.journal.closed).toEqual(['orphaned']);
  });

  it('stops at once if it only waits for a retry', async () => {
    const scene = finishing(folder, {
      services: { transcriber: transcriberOf(() => Promise.reject(new Error('down'))) },
    });
    await scene.pass(5_000);
    const stopped = scene.finisher.stop();
    await scene.pass(200);
    await stopped;
    expect(scene.journal.closed).toEqual(['orphaned']);
  });
});
