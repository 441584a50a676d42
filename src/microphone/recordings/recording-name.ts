/** Names of our own files, and of files that a user has added. */
const WAV_NAME = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}\p{Join_Control}_.,'’&+@ ()-]{0,120}\.wav$/iu;
/** File systems allow 255 bytes; the transcript's files have longer endings. Letters of most scripts have two or three bytes. */
const MAX_NAME_BYTES = 240;

/** What a name may consist of. The marks belong to letters of Hindi, Thai and others, and the joiners to those of Persian. */
export const NAME_RULE =
  'letters, digits, spaces and the signs _ . , - ’ & + @ ( ) only, and be no longer than 125 characters (80 in Chinese or Hindi)';
const OURS = /^recording_(\d{4})(\d{2})(\d{2})_(\d{2})(\d{2})(\d{2})(?:_(\d+))?\.wav$/u;

/** Whether a name can belong to a recording. Other names are never used in a path. */
export function isRecordingName(name: string): boolean {
  return WAV_NAME.test(name) && !name.includes('..') && Buffer.byteLength(name) <= MAX_NAME_BYTES;
}

/** In this machine's time zone; `count` distinguishes recordings of the same second. */
export function microphoneRecordingName(at: Date, count: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  const time = `${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
  return `recording_${day}_${time}${count === 1 ? '' : `_${count}`}.wav`;
}

/** Zones differ from UTC by multiples of this, and by no more than that. */
const ZONE_STEP_MS = 900_000;
const MAX_ZONE_MS = 14 * 3_600_000;
/** The dates of files have this resolution on FAT. */
const DATE_STEP_MS = 2_000;

/**
 * Time and count from a recording's name. The name has a local time, which is ambiguous when the clock goes back, and means
 * another moment in another zone. `changedAtMs`, the date of the file, decides if it is that time in any zone; copying a file
 * may change its date, then the name is read in this machine's zone.
 */
export function recordedAt(
  name: string,
  changedAtMs: number,
): { readonly atMs: number; readonly count: number } | undefined {
  const parts = OURS.exec(name);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    ...[number, number, number],
    ...[number, number, number],
  ];
  const count = Number(parts[7] ?? 1);
  const zoneMs = Date.UTC(year, month - 1, day, hour, minute, second) - changedAtMs;
  const steps = Math.round(zoneMs / ZONE_STEP_MS);
  const offMs = Math.abs(zoneMs - steps * ZONE_STEP_MS);
  if (Math.abs(zoneMs) <= MAX_ZONE_MS + DATE_STEP_MS && offMs <= DATE_STEP_MS)
    return { atMs: Math.floor(changedAtMs / 1_000) * 1_000, count };
  return { atMs: new Date(year, month - 1, day, hour, minute, second).getTime(), count };
}
