import type { Segment } from './playback-runs.ts';

/** Marks that return this shortly before a fence, with no frame between, belong to the audio that the clear dropped. */
const BURST_MS = 5;

/** A mark or a fence that was sent and has not returned. */
export interface PendingMark {
  readonly name: string;
  readonly position: number;
  readonly segment: Segment;
  readonly fence: boolean;
  readonly atMs: number;
  /** Audio followed it in the same write. */
  leads: boolean;
}

/** A mark that returned and is not dated yet. */
export interface Echo {
  readonly mark: PendingMark;
  readonly atMs: number;
  readonly beforeMs: number;
}

/** True if the mark returned because of the clear: it lies in the same gap between frames as the fence. */
export function wasDropped(echoes: readonly Echo[], index: number, afterMs: number | undefined): boolean {
  const echo = echoes[index]!;
  const near = afterMs !== undefined && afterMs - echo.beforeMs <= 60;
  return echoes.some(
    (other, at) => at > index && other.mark.fence && (near || other.atMs - echo.atMs <= BURST_MS),
  );
}
