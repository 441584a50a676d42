/** Calls `action` once after `afterMs`; returns a function that cancels it. */
export type Timer = (afterMs: number, action: () => void) => () => void;

/** A pending timer does not keep the process alive. */
export const realTimer: Timer = (afterMs, action) => {
  const timeout = setTimeout(action, afterMs);
  timeout.unref();
  return () => clearTimeout(timeout);
};
