import { describe, expect, test } from 'vitest';
import { isRecordingName, recordedAt } from '../../../src/microphone/recordings/recording-name.ts';

/** The same local times in zones whose clocks go back or differ by parts of an hour; none depends on this machine's zone. */
const CASES = [
  // blakeblackshear/frigate PR 2219: Berlin, before and after the clock goes back
  ['recording_20261025_023000.wav', '2026-10-25T00:30:00Z'],
  ['recording_20261025_021000.wav', '2026-10-25T01:10:00Z'],
  // appdevforall/CodeOnTheGo PR 1799: New York
  ['recording_20261101_013000.wav', '2026-11-01T06:30:00Z'],
  // tz database, australasia: Lord Howe goes back by half an hour
  ['recording_20260405_014500.wav', '2026-04-04T15:15:00Z'],
  // tz database, asia: Kathmandu, 5:45
  ['recording_20260101_054500.wav', '2026-01-01T00:00:00Z'],
  // tz database, australasia: Kiritimati, 14:00
  ['recording_20260101_140000_3.wav', '2026-01-01T00:00:00Z'],
] as const;

describe('a name of a recording', () => {
  test.each([
    ...['Größe (first try).wav', 'Gro\u0308ße.wav', "O'Neil & sons, part 2.wav", 'a+b@c.WAV', '4711.wav'],
    ...[
      'मीटिंग नोट्स.wav',
      'การประชุม.wav',
      'می\u200cخواهم.wav',
      'שִׂיחָה.wav',
      '会議メモ.wav',
      `${'x'.repeat(121)}.wav`,
    ],
    `${'会'.repeat(78)}.wav`,
  ])('may be %s', (name) => {
    expect(isRecordingName(name)).toBe(true);
  });

  test.each([
    ...[
      '',
      '.wav',
      ' a.wav',
      'a.mp3',
      'a/b.wav',
      'a\\b.wav',
      'a..wav',
      '../a.wav',
      'a\0.wav',
      'a\n.wav',
      '.hidden.wav',
    ],
    ...['a<b>.wav', 'a"b.wav', 'a:b.wav', 'a*.wav', 'a%2f.wav', 'a\u202eb.wav', `${'x'.repeat(122)}.wav`],
    // More bytes than a file system takes.
    `${'会'.repeat(79)}.wav`,
    `${'न'.repeat(100)}.wav`,
  ])('may not be %j', (name) => {
    expect(isRecordingName(name)).toBe(false);
  });
});

describe('the time of a recording', () => {
  test.each(CASES)('of %s is %s, by the date of the file', (name, iso) => {
    expect(recordedAt(name, Date.parse(iso))?.atMs).toBe(Date.parse(iso));
    // FAT has dates of two seconds.
    expect(recordedAt(name, Date.parse(iso) + 2_000)?.atMs).toBe(Date.parse(iso) + 2_000);
  });

  test('is the name in the zone of this machine if the file was dated anew', () => {
    const here = new Date(2026, 6, 1, 12, 0, 0).getTime();
    for (const changedAtMs of [0, here + 400_000, here + 20 * 86_400_000])
      expect(recordedAt('recording_20260701_120000_2.wav', changedAtMs)).toEqual({ atMs: here, count: 2 });
  });
});
