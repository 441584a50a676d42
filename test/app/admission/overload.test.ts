import { describe, expect, test } from 'vitest';
import { type Load, Overload } from '../../../src/app/admission/overload.ts';
import { keptLog } from '../../support/kept-log.ts';

const IDLE: Load = { eventLoopDelayMs: 1, journalWriteLagMs: 100 };
const BUSY: Load = { ...IDLE, eventLoopDelayMs: 501 };
const LATE: Load = { ...IDLE, journalWriteLagMs: 5_001 };

/** A server that is ticked four times a second. */
class Scene {
  readonly log = keptLog();
  readonly overload: Overload;
  atMs = 0;

  constructor(maxDelayMs = 500) {
    this.overload = new Overload(maxDelayMs, this.log.log);
  }

  /** Whether it is overloaded after these seconds. */
  after(seconds: number, load: Load): boolean {
    for (let tick = 0; tick < 4 * seconds; tick += 1) {
      this.overload.tick(this.atMs, () => load);
      this.atMs += 250;
    }
    return this.overload.isOverloaded;
  }

  get said(): readonly string[] {
    return this.log.lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
  }
}

describe('a server', () => {
  test.each([
    ['delays of the event loop', BUSY],
    ['late writes of journals', LATE],
  ])('is overloaded after five seconds of %s, and until ten seconds after them', (_, load) => {
    const scene = new Scene();
    expect(scene.after(4, load)).toBe(false);
    expect(scene.after(1, load)).toBe(true);
    expect(scene.after(60, load)).toBe(true);
    expect(scene.after(9, IDLE)).toBe(true);
    expect(scene.after(1, IDLE)).toBe(false);
    expect(scene.said).toEqual([
      'overloaded: new calls hear the busy message',
      'no longer overloaded: new calls are accepted',
    ]);
    expect(JSON.parse(scene.log.lines[1]!)).toMatchObject({ seconds: 70 });
  });

  test('is not overloaded by single pauses, however long and often', () => {
    const scene = new Scene();
    for (let minute = 0; minute < 10; minute += 1) {
      scene.atMs += 3_600_000;
      expect(scene.after(4, { eventLoopDelayMs: 3_600_000, journalWriteLagMs: 3_600_000 })).toBe(false);
      expect(scene.after(1, IDLE)).toBe(false);
    }
    expect(scene.said).toEqual([]);
  });

  test('that was blocked for a minute counts that as one second', () => {
    const scene = new Scene();
    scene.after(1, BUSY);
    scene.atMs += 60_000;
    expect(scene.after(3, BUSY)).toBe(false);
  });

  test('stays overloaded between the limits', () => {
    const scene = new Scene();
    scene.after(5, BUSY);
    const between = { eventLoopDelayMs: 251, journalWriteLagMs: 100 };
    expect(scene.after(60, between)).toBe(true);
    scene.after(9, IDLE);
    scene.after(1, between);
    expect(scene.after(9, IDLE)).toBe(true);
    expect(scene.after(1, IDLE)).toBe(false);
    expect(scene.after(60, { eventLoopDelayMs: 499, journalWriteLagMs: 4_999 })).toBe(false);
  });

  test('is never overloaded if the limit is 0', () => {
    expect(new Scene(0).after(60, { eventLoopDelayMs: 60_000, journalWriteLagMs: 60_000 })).toBe(false);
  });
});
