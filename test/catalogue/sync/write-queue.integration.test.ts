import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CatalogueWriteQueue } from '../../../src/catalogue/sync/write-queue.ts';
import type { CataloguedCall, CatalogueEntry } from '../../../src/records/call-entry.ts';
import type { TranscriptTurn } from '../../../src/records/text/transcript.ts';
import { unsteadyCatalogue } from '../../doubles/unsteady-catalogue.ts';

const SID = 'CA0123456789abcdef0123456789abcdef';
const OTHER = 'CA0123456789abcdef0123456789abcde0';
const call = (more: Partial<CataloguedCall> = {}): Omit<CataloguedCall, 'notes' | 'hold'> => ({
  callSid: SID,
  from: '+100',
  to: '+200',
  startedAtMs: 1_000,
  state: 'live',
  format: 'mp3',
  keywords: [],
  files: [],
  ...more,
});
const turn = (id: string, text: string, startMs = 0): TranscriptTurn => ({
  id,
  speaker: 'caller',
  kind: 'speech',
  startMs,
  endMs: startMs + 500,
  text,
  cut: false,
});
const entry = (text: string): CatalogueEntry => ({
  ...call({ state: 'finished', outcome: 'conversation' }),
  notes: [],
  turns: [turn('caller-1', text)],
});

class Desk {
  readonly real = unsteadyCatalogue();
  readonly marks = new Set<string>();
  readonly files = new Map<string, CatalogueEntry>();
  readonly told: string[] = [];
  readonly queue = new CatalogueWriteQueue({
    catalogue: this.real.catalogue,
    pending: { add: (sid) => void this.marks.add(sid), done: (sid) => void this.marks.delete(sid) },
    files: {
      entryOf: (sid) => Promise.resolve(this.files.get(sid)),
      isFinished: (sid) => this.files.has(sid),
    },
    observer: {
      catalogueDown: () => this.told.push('down'),
      catalogueUp: () => this.told.push('up'),
      refused: (sid, error) => this.told.push(`${sid} refused: ${String(error)}`),
    },
  });
  nowMs = 0;

  changed(sid: string, changes: Parameters<CatalogueWriteQueue['changed']>[1]): void {
    this.queue.changed(sid, changes, this.nowMs);
  }

  /** One round at the given time, whole. */
  async round(atMs = this.nowMs): Promise<void> {
    this.nowMs = atMs;
    this.queue.tick(atMs);
    await this.queue.idle();
  }

  async texts(sid = SID): Promise<(string | undefined)[] | undefined> {
    return (await this.real.catalogue.get(sid))?.turns.map(({ text }) => text);
  }
}

let desk: Desk;
beforeEach(async () => {
  desk = new Desk();
  await desk.real.catalogue.open();
});
afterEach(() => desk.real.catalogue.close());

describe('CatalogueWriteQueue', () => {
  it('writes a live call, its turns and each change of them, and the complete call at the end', async () => {
    desk.queue.begin(SID);
    desk.changed(SID, { call: call(), turns: [turn('caller-1', 'I would')] });
    await desk.round();
    expect(await desk.texts()).toEqual(['I would']);
    desk.changed(SID, { turns: [turn('caller-1', 'I would like'), turn('reply-1', 'Yes?', 900)] });
    await desk.round(1_000);
    expect(await desk.texts()).toEqual(['I would like', 'Yes?']);
    expect([...desk.marks]).toEqual([SID]);
    desk.files.set(SID, entry('I would like to ask.'));
    desk.queue.finished(SID);
    await desk.round();
    expect(await desk.texts()).toEqual(['I would like to ask.']);
    expect([...desk.marks]).toEqual([]);
    expect(desk.queue.waiting).toBe(0);
  });

  it('reports once that the catalogue is down, retries with backoff, and writes everything afterwards', async () => {
    desk.real.wire.cut = true;
    desk.changed(SID, { call: call(), turns: [turn('caller-1', 'one')] });
    await desk.round(0);
    desk.changed(SID, { turns: [turn('caller-1', 'two'), turn('caller-2', 'three', 1_000)] });
    desk.files.set(OTHER, { ...entry('other'), callSid: OTHER });
    desk.queue.finished(OTHER);
    const asked = desk.real.asked.length;
    await desk.round(900);
    expect(desk.real.asked.length).toBe(asked);
    for (const atMs of [1_000, 2_900, 3_000, 7_000]) await desk.round(atMs);
    expect(desk.told).toEqual(['down']);
    expect([...desk.marks]).toEqual([OTHER]);
    desk.real.wire.cut = false;
    await desk.round(14_999);
    expect(await desk.texts()).toBeUndefined();
    await desk.round(15_000);
    expect(desk.told).toEqual(['down', 'up']);
    expect(await desk.texts()).toEqual(['two', 'three']);
    expect(await desk.texts(OTHER)).toEqual(['other']);
    expect([...desk.marks]).toEqual([]);
  });

  it('keeps the marker of a call that is finished again while it is written', async () => {
    desk.files.set(SID, entry('first'));
    desk.queue.finished(SID);
    desk.queue.tick(0);
    desk.queue.finished(SID);
    await desk.queue.idle();
    expect([...desk.marks]).toEqual([SID]);
    desk.files.set(SID, entry('second'));
    await desk.round(300);
    expect(await desk.texts()).toEqual(['second']);
    expect([...desk.marks]).toEqual([]);
  });

  it('skips a call that the catalogue refuses, and continues with the others', async () => {
    desk.changed(SID, { call: call({ startedAtMs: Number.NaN }), turns: [] });
    desk.files.set(OTHER, { ...entry('other'), callSid: OTHER });
    desk.queue.finished(OTHER);
    await desk.round();
    expect(desk.told).toEqual([expect.stringContaining(`${SID} refused: `)]);
    expect(await desk.texts(OTHER)).toEqual(['other']);
  });

  it('writes the changes of many live calls at once, and one by one if the catalogue refuses one of them', async () => {
    desk.changed(SID, { call: call(), turns: [turn('caller-1', 'one')] });
    desk.changed(OTHER, { call: call({ callSid: OTHER }), turns: [turn('caller-1', 'two')] });
    await desk.round(0);
    expect(desk.real.asked.filter((name) => name.startsWith('put'))).toEqual(['putLive']);
    expect([await desk.texts(), await desk.texts(OTHER)]).toEqual([['one'], ['two']]);
    desk.changed(SID, { call: call({ startedAtMs: Number.NaN }), turns: [] });
    desk.changed(OTHER, { call: call({ callSid: OTHER }), turns: [turn('caller-1', 'three')] });
    await desk.round(250);
    expect(desk.told).toEqual([expect.stringContaining(`${SID} refused: `)]);
    expect([await desk.texts(), await desk.texts(OTHER)]).toEqual([['one'], ['three']]);
  });

  it('keeps the changes of all live calls while the catalogue is down', async () => {
    desk.real.wire.cut = true;
    desk.changed(SID, { call: call(), turns: [turn('caller-1', 'one')] });
    desk.changed(OTHER, { call: call({ callSid: OTHER }), turns: [turn('caller-1', 'two')] });
    await desk.round(0);
    expect([desk.told, desk.queue.waiting]).toEqual([['down'], 2]);
    desk.real.wire.cut = false;
    await desk.round(1_000);
    expect([await desk.texts(), await desk.texts(OTHER)]).toEqual([['one'], ['two']]);
  });

  it('drops a finished call whose files are gone', async () => {
    desk.queue.finished(SID);
    await desk.round();
    expect([...desk.marks]).toEqual([]);
    expect(await desk.texts()).toBeUndefined();
  });

  it('limits the turns queued for a catalogue that is down; the finished call completes them', async () => {
    desk.real.wire.cut = true;
    const turns = Array.from({ length: 30_000 }, (_, i) => turn(`caller-${i}`, 'x', i));
    desk.changed(SID, { call: call(), turns });
    desk.real.wire.cut = false;
    await desk.round();
    expect((await desk.texts())?.length).toBe(20_000);
    desk.files.set(SID, entry('all of it'));
    desk.queue.finished(SID);
    await desk.round();
    expect(await desk.texts()).toEqual(['all of it']);
  });

  it('writes turns of a live call when they have not changed for a second, and every five seconds while they change', async () => {
    desk.changed(SID, { call: call(), turns: [] });
    await desk.round(0);
    expect(await desk.texts()).toEqual([]);
    const written: [number, string | undefined][] = [];
    for (let atMs = 250; atMs <= 14_000; atMs += 250) {
      await desk.round(atMs);
      const text = (await desk.texts())?.[0];
      if (text !== undefined && text !== written.at(-1)?.[1]) written.push([atMs, text]);
      if (atMs <= 12_000) desk.changed(SID, { turns: [turn('reply-1', `until ${atMs}`)] });
    }
    expect(written).toEqual([
      [5_250, 'until 5000'],
      [10_250, 'until 10000'],
      [13_000, 'until 12000'],
    ]);
  });

  it('writes a turn that has not changed for a second while another one changes', async () => {
    desk.changed(SID, { call: call(), turns: [] });
    await desk.round(0);
    desk.changed(SID, { turns: [turn('caller-1', 'my question')] });
    for (let atMs = 250; atMs <= 1_000; atMs += 250) {
      expect(await desk.texts()).toEqual([]);
      desk.changed(SID, { turns: [turn('reply-1', `until ${atMs}`)] });
      await desk.round(atMs);
    }
    expect(await desk.texts()).toEqual(['my question', 'until 1000']);
  });

  it('runs a last round with all changes when it stops', async () => {
    desk.files.set(OTHER, { ...entry('last'), callSid: OTHER });
    desk.queue.finished(OTHER);
    desk.changed(SID, { call: call(), turns: [] });
    await desk.round(0);
    desk.changed(SID, { turns: [turn('caller-1', 'still changing')] });
    await desk.queue.stop(0);
    expect(await desk.texts()).toEqual(['still changing']);
    expect(await desk.texts(OTHER)).toEqual(['last']);
  });
});
