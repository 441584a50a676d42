/** A file of that name is one of ours, or one that a user has put there. */
const WAV_NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_. ()-]{0,120}\.wav$/iu;
const OURS = /^recording_(\d{4})(\d{2})(\d{2})_(\d{2})(\d{2})(\d{2})(?:_(\d+))?\.wav$/u;

/** Whether a name can be one of a recording here; whatever else comes in its place never gets near a path. */
export function isRecordingName(name: string): boolean {
  return WAV_NAME.test(name) && !name.includes('..');
}

/** By this machine's clock and time zone; `count`: which one of that second. */
export function microphoneRecordingName(at: Date, count: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  const time = `${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
  return `recording_${day}_${time}${count === 1 ? '' : `_${count}`}.wav`;
}

/** When a recording was made, and which one of that second it is: a copied file has another date. */
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
