/** Calls `action` once after `afterMs`, unless what it returns is called before. */
export type Timer = (afterMs: number, action: () => void) => () => void;

/** A waiting limit keeps no process alive. */
export const realTimer: Timer = (afterMs, action) => {
  const timeout = setTimeout(action, afterMs);
  timeout.unref();
  return () => clearTimeout(timeout);
};
