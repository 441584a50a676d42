/** Names of our own files, and of files that a user has added. */
const WAV_NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_. ()-]{0,120}\.wav$/iu;
const OURS = /^recording_(\d{4})(\d{2})(\d{2})_(\d{2})(\d{2})(\d{2})(?:_(\d+))?\.wav$/u;

/** Whether a name can belong to a recording. Other names are never used in a path. */
export function isRecordingName(name: string): boolean {
  return WAV_NAME.test(name) && !name.includes('..');
}

/** In this machine's time zone; `count` distinguishes recordings of the same second. */
export function microphoneRecordingName(at: Date, count: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  const time = `${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
  return `recording_${day}_${time}${count === 1 ? '' : `_${count}`}.wav`;
}

/** Time and count from a recording's name, since copying a file changes its date. */
export function recordedAt(name: string): { readonly atMs: number; readonly count: number } | undefined {
  const parts = OURS.exec(name);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    ...[number, number, number],
    ...[number, number, number],
  ];
  return {
    atMs: new Date(year, month - 1, day, hour, minute, second).getTime(),
    count: Number(parts[7] ?? 1),
  };
}
